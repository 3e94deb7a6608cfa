-- What came from upstreams. Its repositories are those whose name ends in "!". Times are milliseconds since the
-- epoch, sizes are bytes.

-- Of a cached repository the upstream, which is the first component of its name; NULL: hosted.
ALTER TABLE repositories ADD COLUMN upstream TEXT GENERATED ALWAYS AS
  (CASE WHEN substr(name, -1) = '!' THEN substr(name, 1, instr(name || '/', '/') - 1) END) VIRTUAL;
CREATE INDEX repositories_upstream ON repositories (upstream, name) WHERE upstream IS NOT NULL;

-- When the upstream last said that the tag names this manifest; NULL: never.
ALTER TABLE tags ADD COLUMN checked_at INTEGER;

-- When each piece was last pulled; before that, when it came. Now only pieces of cached repositories have rows,
-- each from its coming to its going.
CREATE TABLE last_pulled (
  digest TEXT NOT NULL,
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  kind TEXT NOT NULL CHECK (kind IN ('blob', 'manifest')),
  size INTEGER NOT NULL,
  -- The repository's; NULL: hosted.
  upstream TEXT,
  pulled_at INTEGER NOT NULL,
  -- What is pulled together stands together.
  PRIMARY KEY (repository_id, digest, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX last_pulled_coldest ON last_pulled (upstream, pulled_at, digest, repository_id, kind)
  WHERE upstream IS NOT NULL;
-- For what cached content takes: the same digest in several repositories takes its bytes once.
CREATE INDEX last_pulled_digest ON last_pulled (digest, repository_id, kind, upstream, size)
  WHERE upstream IS NOT NULL;

-- Where blobs that no repository had any more lay: their rows are gone, their bytes are still to be removed.
CREATE TABLE evicted_locations (
  location TEXT NOT NULL PRIMARY KEY,
  evicted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evicted_locations_at ON evicted_locations (evicted_at, location);

-- Repositories of upstreams that are kept warm, by their public names.
CREATE TABLE mirrors (
  name TEXT NOT NULL PRIMARY KEY,
  -- JSON: [glob]
  tags TEXT NOT NULL,
  -- JSON: [platform]; none: all
  platforms TEXT NOT NULL,
  referrers INTEGER NOT NULL CHECK (referrers IN (0, 1)),
  every_ms INTEGER NOT NULL,
  synced_at INTEGER,
  fault TEXT
) STRICT, WITHOUT ROWID;
