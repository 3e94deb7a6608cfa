-- What keeping house needs: since when nothing holds a thing, what happened, what was removed and may come back, how
-- much each repository and account uses. Times are milliseconds since the epoch, sizes are bytes.

-- Since when no manifest of the repository names the blob: the last upload, mount, or HEAD that was answered 200, or
-- when the last such manifest went. NULL: one names it, or the repository is a cached one (those are evicted).
ALTER TABLE repository_blobs ADD COLUMN unreferenced_at BIGINT;
-- Id of the account that brought it (core/caller); NULL: nobody knows.
ALTER TABLE repository_blobs ADD COLUMN owner TEXT COLLATE "C";
UPDATE repository_blobs l SET unreferenced_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint
  FROM blobs b, repositories r WHERE b.id = l.blob_id AND r.id = l.repository_id AND r.upstream IS NULL
  AND NOT EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = l.repository_id AND f.digest = b.digest);
CREATE INDEX repository_blobs_unreferenced ON repository_blobs (unreferenced_at, repository_id, blob_id)
  WHERE unreferenced_at IS NOT NULL;

-- When it was last let go by a tag that moved or went, an index or a subject that was deleted, or a removed tag that
-- may come back no more; or asked for by digest while nothing held it. NULL: never.
ALTER TABLE manifests ADD COLUMN released_at BIGINT;

-- Pinned: retention never removes it. Owner: id of the account that made it; NULL: nobody knows.
ALTER TABLE tags ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE tags ADD COLUMN owner TEXT COLLATE "C";

-- Tags that were removed and may come back for a while. The manifest stays as long as one names it.
CREATE TABLE removed_tags (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  name TEXT COLLATE "C" NOT NULL,
  manifest_id BIGINT NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  removed_at BIGINT NOT NULL,
  -- Who, for people: an account's name, or the rule of retention.
  removed_by TEXT COLLATE "C" NOT NULL,
  rule TEXT COLLATE "C" NOT NULL,
  owner TEXT COLLATE "C",
  updated_at BIGINT NOT NULL
);
CREATE INDEX removed_tags_name ON removed_tags (repository_id, name, id);
CREATE INDEX removed_tags_manifest ON removed_tags (manifest_id);
CREATE INDEX removed_tags_at ON removed_tags (removed_at);

-- Where blobs that nobody has any more lay: their rows are gone, their bytes are still to be removed.
ALTER TABLE evicted_locations RENAME TO tombstones;
ALTER TABLE tombstones RENAME COLUMN evicted_at TO buried_at;
ALTER TABLE tombstones ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
ALTER INDEX evicted_locations_at RENAME TO tombstones_at;

-- Whose bytes lie at a location: asked of everything that the store has, to find what nobody knows.
CREATE INDEX blobs_location ON blobs (location);

-- Bytes in the store that no row knows, and when they were first seen so.
CREATE TABLE strays (
  location TEXT COLLATE "C" PRIMARY KEY,
  size BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

-- How much is in each repository: every blob that it links once, and its manifests. Kept by the triggers below.
CREATE TABLE repository_usage (
  repository_id BIGINT PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
  bytes BIGINT NOT NULL DEFAULT 0,
  blobs BIGINT NOT NULL DEFAULT 0,
  manifests BIGINT NOT NULL DEFAULT 0,
  tags BIGINT NOT NULL DEFAULT 0,
  -- When a manifest was last put or a tag last set; NULL: never.
  updated_at BIGINT
) WITH (fillfactor = 50);
-- How much each account brought: links to blobs, and tags.
CREATE TABLE owner_usage (
  owner TEXT COLLATE "C" PRIMARY KEY,
  bytes BIGINT NOT NULL DEFAULT 0,
  tags BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO repository_usage (repository_id, bytes, blobs, manifests, tags, updated_at)
  SELECT r.id,
    coalesce((SELECT sum(b.size) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id WHERE l.repository_id = r.id), 0)
      + coalesce((SELECT sum(size) FROM manifests WHERE repository_id = r.id), 0),
    (SELECT count(*) FROM repository_blobs WHERE repository_id = r.id),
    (SELECT count(*) FROM manifests WHERE repository_id = r.id),
    (SELECT count(*) FROM tags WHERE repository_id = r.id),
    greatest((SELECT max(pushed_at) FROM manifests WHERE repository_id = r.id),
      (SELECT max(updated_at) FROM tags WHERE repository_id = r.id))
  FROM repositories r;

CREATE FUNCTION usage_of_new_repository() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO repository_usage (repository_id) VALUES (new.id);
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_new_repository AFTER INSERT ON repositories
  FOR EACH ROW EXECUTE FUNCTION usage_of_new_repository();

CREATE FUNCTION usage_with_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE added BIGINT := (SELECT size FROM blobs WHERE id = new.blob_id);
BEGIN
  UPDATE repository_usage SET blobs = blobs + 1, bytes = bytes + added WHERE repository_id = new.repository_id;
  IF new.owner IS NOT NULL THEN
    INSERT INTO owner_usage AS u (owner, bytes) VALUES (new.owner, added)
      ON CONFLICT (owner) DO UPDATE SET bytes = u.bytes + excluded.bytes;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_with_link AFTER INSERT ON repository_blobs
  FOR EACH ROW EXECUTE FUNCTION usage_with_link();

-- Before: the blob's row may go in the same transaction.
CREATE FUNCTION usage_without_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE gone BIGINT := (SELECT size FROM blobs WHERE id = old.blob_id);
BEGIN
  UPDATE repository_usage SET blobs = blobs - 1, bytes = bytes - gone WHERE repository_id = old.repository_id;
  IF old.owner IS NOT NULL THEN
    UPDATE owner_usage SET bytes = bytes - gone WHERE owner = old.owner;
  END IF;
  RETURN old;
END $$;
CREATE TRIGGER usage_without_link BEFORE DELETE ON repository_blobs
  FOR EACH ROW EXECUTE FUNCTION usage_without_link();

CREATE FUNCTION usage_with_other_size() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE repository_usage SET bytes = bytes + new.size - old.size
    WHERE repository_id IN (SELECT repository_id FROM repository_blobs WHERE blob_id = new.id);
  UPDATE owner_usage u SET bytes = u.bytes + (new.size - old.size) * l.links
    FROM (SELECT owner, count(*) AS links FROM repository_blobs
      WHERE blob_id = new.id AND owner IS NOT NULL GROUP BY owner) l WHERE u.owner = l.owner;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_with_other_size AFTER UPDATE OF size ON blobs
  FOR EACH ROW WHEN (old.size <> new.size) EXECUTE FUNCTION usage_with_other_size();

CREATE FUNCTION usage_of_manifests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE repository_usage SET manifests = manifests + 1, bytes = bytes + new.size,
      updated_at = greatest(updated_at, new.pushed_at) WHERE repository_id = new.repository_id;
  ELSIF TG_OP = 'UPDATE' THEN
    UPDATE repository_usage SET updated_at = greatest(updated_at, new.pushed_at)
      WHERE repository_id = new.repository_id;
  ELSE
    UPDATE repository_usage SET manifests = manifests - 1, bytes = bytes - old.size
      WHERE repository_id = old.repository_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_manifests AFTER INSERT OR DELETE OR UPDATE OF pushed_at ON manifests
  FOR EACH ROW EXECUTE FUNCTION usage_of_manifests();

CREATE FUNCTION usage_of_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE repository_usage SET tags = tags + 1, updated_at = greatest(updated_at, new.updated_at)
      WHERE repository_id = new.repository_id;
    IF new.owner IS NOT NULL THEN
      INSERT INTO owner_usage AS u (owner, tags) VALUES (new.owner, 1)
        ON CONFLICT (owner) DO UPDATE SET tags = u.tags + 1;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    UPDATE repository_usage SET updated_at = greatest(updated_at, new.updated_at)
      WHERE repository_id = new.repository_id;
  ELSE
    UPDATE repository_usage SET tags = tags - 1 WHERE repository_id = old.repository_id;
    IF old.owner IS NOT NULL THEN
      UPDATE owner_usage SET tags = tags - 1 WHERE owner = old.owner;
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_of_tags AFTER INSERT OR DELETE OR UPDATE OF updated_at ON tags
  FOR EACH ROW EXECUTE FUNCTION usage_of_tags();

-- The outbox: what happened, in its order, written with the change itself. Webhooks and the page read it.
CREATE SEQUENCE event_ids;
CREATE TABLE events (
  id BIGINT PRIMARY KEY DEFAULT nextval('event_ids'),
  at BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  -- Public name; NULL: it is about a container.
  repository TEXT COLLATE "C",
  tag TEXT COLLATE "C",
  digest TEXT COLLATE "C",
  media_type TEXT COLLATE "C",
  size BIGINT,
  -- core/event.ts
  subject TEXT COLLATE "C",
  -- JSON, core/event.ts; NULL: nobody in particular.
  actor TEXT COLLATE "C",
  count BIGINT NOT NULL
);
CREATE INDEX events_at ON events (at);

-- How far each webhook's target has been told.
CREATE TABLE webhooks (
  name TEXT COLLATE "C" PRIMARY KEY,
  -- Id of the last event that it had, or that isn't its business.
  told BIGINT NOT NULL,
  delivered BIGINT NOT NULL,
  -- Of what is next: tries that failed, when the next one is due, and why the last failed.
  failures BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  fault TEXT COLLATE "C",
  changed_at BIGINT NOT NULL
);
-- What a target didn't take after all tries, until somebody replays or drops it.
CREATE TABLE dead_letters (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook TEXT COLLATE "C" NOT NULL,
  -- JSON: the events.
  events TEXT COLLATE "C" NOT NULL,
  died_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  fault TEXT COLLATE "C" NOT NULL
);
CREATE INDEX dead_letters_webhook ON dead_letters (webhook, id);

-- Of each kind of housekeeping the run that goes on or was last: for people to look at.
CREATE TABLE housekeeping_runs (
  kind TEXT COLLATE "C" PRIMARY KEY,
  started_at BIGINT NOT NULL,
  -- When it last told of itself; a run that is silent for a minute was killed.
  seen_at BIGINT NOT NULL,
  ended_at BIGINT,
  -- JSON: core/metadata/housekeeping.ts
  progress TEXT COLLATE "C" NOT NULL,
  fault TEXT COLLATE "C"
);

-- Damage that scrubbing found and that isn't repaired yet.
CREATE TABLE damage (
  digest TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('blob', 'manifest')),
  -- Empty: of the blob itself, wherever it is linked.
  repository TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  found_at BIGINT NOT NULL,
  PRIMARY KEY (digest, kind, repository)
);

-- People who are signed in to the web page.
CREATE TABLE web_sessions (
  -- SHA-256 of the cookie's 256 random bits, hex.
  hash TEXT COLLATE "C" PRIMARY KEY,
  -- JSON: who signed in, and with what (auth/web-sessions).
  identity TEXT COLLATE "C" NOT NULL,
  csrf TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);

-- Pulls of hosted manifests are counted, too.
ALTER TABLE last_pulled ADD COLUMN pulls BIGINT NOT NULL DEFAULT 0;
