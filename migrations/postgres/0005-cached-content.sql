-- What came from upstreams. Its repositories are those whose name ends in "!". Times are milliseconds since the
-- epoch, sizes are bytes.

-- Of a cached repository the upstream, which is the first component of its name; NULL: hosted.
ALTER TABLE repositories ADD COLUMN upstream TEXT COLLATE "C" GENERATED ALWAYS AS
  (CASE WHEN right(name, 1) = '!' THEN split_part(name, '/', 1) END) STORED;
CREATE INDEX repositories_upstream ON repositories (upstream, name) WHERE upstream IS NOT NULL;

-- When the upstream last said that the tag names this manifest; NULL: never.
ALTER TABLE tags ADD COLUMN checked_at BIGINT;

-- When each piece was last pulled; before that, when it came. Now only pieces of cached repositories have rows,
-- each from its coming to its going.
CREATE TABLE last_pulled (
  digest TEXT COLLATE "C" NOT NULL,
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('blob', 'manifest')),
  size BIGINT NOT NULL,
  -- The repository's; NULL: hosted.
  upstream TEXT COLLATE "C",
  pulled_at BIGINT NOT NULL,
  -- What is pulled together stands together.
  PRIMARY KEY (repository_id, digest, kind)
);
CREATE INDEX last_pulled_coldest ON last_pulled (upstream, pulled_at, digest, repository_id, kind)
  WHERE upstream IS NOT NULL;

-- Where blobs that no repository had any more lay: their rows are gone, their bytes are still to be removed.
CREATE TABLE evicted_locations (
  location TEXT COLLATE "C" PRIMARY KEY,
  evicted_at BIGINT NOT NULL
);
CREATE INDEX evicted_locations_at ON evicted_locations (evicted_at, location);

-- Repositories of upstreams that are kept warm, by their public names.
CREATE TABLE mirrors (
  name TEXT COLLATE "C" PRIMARY KEY,
  -- JSON: [glob]
  tags TEXT COLLATE "C" NOT NULL,
  -- JSON: [platform]; none: all
  platforms TEXT COLLATE "C" NOT NULL,
  referrers BOOLEAN NOT NULL,
  every_ms BIGINT NOT NULL,
  synced_at BIGINT,
  fault TEXT COLLATE "C"
);
