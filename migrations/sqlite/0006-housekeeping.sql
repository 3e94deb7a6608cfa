-- What keeping house needs: since when nothing holds a thing, what happened, what was removed and may come back, how
-- much each repository and account uses. Times are milliseconds since the epoch, sizes are bytes.

-- Since when no manifest of the repository names the blob: the last upload, mount, or HEAD that was answered 200, or
-- when the last such manifest went. NULL: one names it, or the repository is a cached one (those are evicted).
ALTER TABLE repository_blobs ADD COLUMN unreferenced_at INTEGER;
-- Id of the account that brought it (core/caller); NULL: nobody knows.
ALTER TABLE repository_blobs ADD COLUMN owner TEXT;
UPDATE repository_blobs SET unreferenced_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE repository_id IN (SELECT id FROM repositories WHERE upstream IS NULL) AND NOT EXISTS (
    SELECT 1 FROM blobs b JOIN manifest_references f ON f.digest = b.digest
    WHERE b.id = repository_blobs.blob_id AND f.repository_id = repository_blobs.repository_id);
CREATE INDEX repository_blobs_unreferenced ON repository_blobs (unreferenced_at, repository_id, blob_id)
  WHERE unreferenced_at IS NOT NULL;

-- When it was last let go by a tag that moved or went, an index or a subject that was deleted, or a removed tag that
-- may come back no more; or asked for by digest while nothing held it. NULL: never.
ALTER TABLE manifests ADD COLUMN released_at INTEGER;

-- Pinned: retention never removes it. Owner: id of the account that made it; NULL: nobody knows.
ALTER TABLE tags ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE tags ADD COLUMN owner TEXT;

-- Tags that were removed and may come back for a while. The manifest stays as long as one names it.
CREATE TABLE removed_tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  name TEXT NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  removed_at INTEGER NOT NULL,
  -- Who, for people: an account's name, or the rule of retention.
  removed_by TEXT NOT NULL,
  rule TEXT NOT NULL,
  owner TEXT,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_tags_name ON removed_tags (repository_id, name, id);
CREATE INDEX removed_tags_manifest ON removed_tags (manifest_id);
CREATE INDEX removed_tags_at ON removed_tags (removed_at);

-- Where blobs that nobody has any more lay: their rows are gone, their bytes are still to be removed.
ALTER TABLE evicted_locations RENAME TO tombstones;
ALTER TABLE tombstones RENAME COLUMN evicted_at TO buried_at;
ALTER TABLE tombstones ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
DROP INDEX evicted_locations_at;
CREATE INDEX tombstones_at ON tombstones (buried_at, location);

-- Whose bytes lie at a location: asked of everything that the store has, to find what nobody knows.
CREATE INDEX blobs_location ON blobs (location);

-- Bytes in the store that no row knows, and when they were first seen so.
CREATE TABLE strays (
  location TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How much is in each repository: every blob that it links once, and its manifests. Kept by the triggers below.
CREATE TABLE repository_usage (
  repository_id INTEGER PRIMARY KEY REFERENCES repositories (id),
  bytes INTEGER NOT NULL DEFAULT 0,
  blobs INTEGER NOT NULL DEFAULT 0,
  manifests INTEGER NOT NULL DEFAULT 0,
  tags INTEGER NOT NULL DEFAULT 0,
  -- When a manifest was last put or a tag last set; NULL: never.
  updated_at INTEGER
) STRICT;
-- How much each account brought: links to blobs, and tags.
CREATE TABLE owner_usage (
  owner TEXT NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL DEFAULT 0,
  tags INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO repository_usage (repository_id, bytes, blobs, manifests, tags, updated_at)
  SELECT r.id,
    coalesce((SELECT sum(b.size) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id WHERE l.repository_id = r.id), 0)
      + coalesce((SELECT sum(size) FROM manifests WHERE repository_id = r.id), 0),
    (SELECT count(*) FROM repository_blobs WHERE repository_id = r.id),
    (SELECT count(*) FROM manifests WHERE repository_id = r.id),
    (SELECT count(*) FROM tags WHERE repository_id = r.id),
    (SELECT max(at) FROM (SELECT max(pushed_at) AS at FROM manifests WHERE repository_id = r.id
      UNION ALL SELECT max(updated_at) FROM tags WHERE repository_id = r.id))
  FROM repositories r;

CREATE TRIGGER usage_of_new_repository AFTER INSERT ON repositories
BEGIN
  INSERT INTO repository_usage (repository_id) VALUES (new.id);
END;
CREATE TRIGGER usage_with_link AFTER INSERT ON repository_blobs
BEGIN
  UPDATE repository_usage SET blobs = blobs + 1,
    bytes = bytes + (SELECT size FROM blobs WHERE id = new.blob_id) WHERE repository_id = new.repository_id;
  INSERT INTO owner_usage (owner) SELECT new.owner WHERE new.owner IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM owner_usage WHERE owner = new.owner);
  UPDATE owner_usage SET bytes = bytes + (SELECT size FROM blobs WHERE id = new.blob_id) WHERE owner = new.owner;
END;
-- Before: the blob's row may go in the same transaction.
CREATE TRIGGER usage_without_link BEFORE DELETE ON repository_blobs
BEGIN
  UPDATE repository_usage SET blobs = blobs - 1,
    bytes = bytes - (SELECT size FROM blobs WHERE id = old.blob_id) WHERE repository_id = old.repository_id;
  UPDATE owner_usage SET bytes = bytes - (SELECT size FROM blobs WHERE id = old.blob_id) WHERE owner = old.owner;
END;
CREATE TRIGGER usage_with_other_size AFTER UPDATE OF size ON blobs WHEN old.size <> new.size
BEGIN
  UPDATE repository_usage SET bytes = bytes + new.size - old.size
    WHERE repository_id IN (SELECT repository_id FROM repository_blobs WHERE blob_id = new.id);
  UPDATE owner_usage SET bytes = bytes + (new.size - old.size) *
    (SELECT count(*) FROM repository_blobs l WHERE l.blob_id = new.id AND l.owner = owner_usage.owner)
    WHERE owner IN (SELECT owner FROM repository_blobs WHERE blob_id = new.id AND owner IS NOT NULL);
END;
CREATE TRIGGER usage_with_manifest AFTER INSERT ON manifests
BEGIN
  UPDATE repository_usage SET manifests = manifests + 1, bytes = bytes + new.size,
    updated_at = max(coalesce(updated_at, 0), new.pushed_at) WHERE repository_id = new.repository_id;
END;
CREATE TRIGGER usage_of_repeated_manifest AFTER UPDATE OF pushed_at ON manifests
BEGIN
  UPDATE repository_usage SET updated_at = max(coalesce(updated_at, 0), new.pushed_at)
    WHERE repository_id = new.repository_id;
END;
CREATE TRIGGER usage_without_manifest AFTER DELETE ON manifests
BEGIN
  UPDATE repository_usage SET manifests = manifests - 1, bytes = bytes - old.size
    WHERE repository_id = old.repository_id;
END;
CREATE TRIGGER usage_with_tag AFTER INSERT ON tags
BEGIN
  UPDATE repository_usage SET tags = tags + 1, updated_at = max(coalesce(updated_at, 0), new.updated_at)
    WHERE repository_id = new.repository_id;
  INSERT INTO owner_usage (owner) SELECT new.owner WHERE new.owner IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM owner_usage WHERE owner = new.owner);
  UPDATE owner_usage SET tags = tags + 1 WHERE owner = new.owner;
END;
CREATE TRIGGER usage_of_moved_tag AFTER UPDATE OF updated_at ON tags
BEGIN
  UPDATE repository_usage SET updated_at = max(coalesce(updated_at, 0), new.updated_at)
    WHERE repository_id = new.repository_id;
END;
CREATE TRIGGER usage_without_tag AFTER DELETE ON tags
BEGIN
  UPDATE repository_usage SET tags = tags - 1 WHERE repository_id = old.repository_id;
  UPDATE owner_usage SET tags = tags - 1 WHERE owner = old.owner;
END;

-- The outbox: what happened, in its order, written with the change itself. Webhooks and the page read it.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  -- Public name; NULL: it is about a container.
  repository TEXT,
  tag TEXT,
  digest TEXT,
  media_type TEXT,
  size INTEGER,
  -- core/event.ts
  subject TEXT,
  -- JSON, core/event.ts; NULL: nobody in particular.
  actor TEXT,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX events_at ON events (at);

-- How far each webhook's target has been told.
CREATE TABLE webhooks (
  name TEXT NOT NULL PRIMARY KEY,
  -- Id of the last event that it had, or that isn't its business.
  told INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  -- Of what is next: tries that failed, when the next one is due, and why the last failed.
  failures INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  fault TEXT,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What a target didn't take after all tries, until somebody replays or drops it.
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook TEXT NOT NULL,
  -- JSON: the events.
  events TEXT NOT NULL,
  died_at INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  fault TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letters_webhook ON dead_letters (webhook, id);

-- Of each kind of housekeeping the run that goes on or was last: for people to look at.
CREATE TABLE housekeeping_runs (
  kind TEXT NOT NULL PRIMARY KEY,
  started_at INTEGER NOT NULL,
  -- When it last told of itself; a run that is silent for a minute was killed.
  seen_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- JSON: core/metadata/housekeeping.ts
  progress TEXT NOT NULL,
  fault TEXT
) STRICT, WITHOUT ROWID;

-- Damage that scrubbing found and that isn't repaired yet.
CREATE TABLE damage (
  digest TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('blob', 'manifest')),
  -- Empty: of the blob itself, wherever it is linked.
  repository TEXT NOT NULL,
  why TEXT NOT NULL,
  found_at INTEGER NOT NULL,
  PRIMARY KEY (digest, kind, repository)
) STRICT, WITHOUT ROWID;

-- People who are signed in to the web page.
CREATE TABLE web_sessions (
  -- SHA-256 of the cookie's 256 random bits, hex.
  hash TEXT NOT NULL PRIMARY KEY,
  -- JSON: who signed in, and with what (auth/web-sessions).
  identity TEXT NOT NULL,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);

-- Pulls of hosted manifests are counted, too.
ALTER TABLE last_pulled ADD COLUMN pulls INTEGER NOT NULL DEFAULT 0;
