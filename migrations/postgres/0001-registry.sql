-- What is in which repository. Times are milliseconds since the epoch, sizes are bytes.
-- Names, tags and digests compare bytewise (COLLATE "C"), whatever the database's own collation is.

-- A row is made by the first blob or manifest and is never deleted, so an id may be remembered.
CREATE TABLE repositories (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE blobs (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest TEXT COLLATE "C" NOT NULL UNIQUE,
  size BIGINT NOT NULL,
  location TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  -- The bytes at this location were found missing or wrong.
  damaged BOOLEAN NOT NULL DEFAULT false,
  -- Since when no repository links it; NULL while one does. The bytes stay until garbage collection.
  unreferenced_at BIGINT
);
CREATE INDEX blobs_unreferenced ON blobs (unreferenced_at) WHERE unreferenced_at IS NOT NULL;

CREATE TABLE repository_blobs (
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  blob_id BIGINT NOT NULL REFERENCES blobs (id),
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
);
CREATE INDEX repository_blobs_blob ON repository_blobs (blob_id);

CREATE TABLE manifests (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  digest TEXT COLLATE "C" NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  size BIGINT NOT NULL,
  subject TEXT COLLATE "C",
  artifact_type TEXT COLLATE "C",
  -- JSON text, as the referrers list shows it.
  annotations TEXT COLLATE "C",
  pushed_at BIGINT NOT NULL,
  UNIQUE (repository_id, digest)
);
CREATE INDEX manifests_subject ON manifests (repository_id, subject, digest) WHERE subject IS NOT NULL;

-- Apart from the facts, so that lists of manifests don't page through their bytes.
CREATE TABLE manifest_bytes (
  manifest_id BIGINT PRIMARY KEY REFERENCES manifests (id) ON DELETE CASCADE,
  bytes BYTEA NOT NULL
);

-- What each manifest names. The key answers "which manifest of this repository names this digest".
CREATE TABLE manifest_references (
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  digest TEXT COLLATE "C" NOT NULL,
  manifest_id BIGINT NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('blob', 'manifest')),
  -- The repository lacked it when the manifest was last put, and that was allowed: a hole that is
  -- intended, not damage. Stays when the thing is pushed later, until the manifest is put again.
  missing BOOLEAN NOT NULL,
  PRIMARY KEY (repository_id, digest, manifest_id, kind)
);
CREATE INDEX manifest_references_manifest ON manifest_references (manifest_id);

CREATE TABLE tags (
  repository_id BIGINT NOT NULL REFERENCES repositories (id),
  name TEXT COLLATE "C" NOT NULL,
  manifest_id BIGINT NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX tags_manifest ON tags (manifest_id);

-- Unfinished uploads.
CREATE TABLE uploads (
  id TEXT COLLATE "C" PRIMARY KEY,
  repository TEXT COLLATE "C" NOT NULL,
  owner TEXT COLLATE "C",
  algorithm TEXT COLLATE "C" NOT NULL,
  handle TEXT COLLATE "C" NOT NULL UNIQUE,
  started_at BIGINT NOT NULL,
  received BIGINT NOT NULL,
  -- Digest of the bytes received so far; NULL when unknown.
  so_far TEXT COLLATE "C",
  touched_at BIGINT NOT NULL
);
CREATE INDEX uploads_touched ON uploads (touched_at);

-- Who is writing to an upload right now, over all servers. Unlogged: a crash of the database may end every
-- claim, writers then notice when they renew it.
CREATE UNLOGGED TABLE upload_claims (
  upload_id TEXT COLLATE "C" PRIMARY KEY REFERENCES uploads (id) ON DELETE CASCADE,
  holder TEXT COLLATE "C" NOT NULL,
  until BIGINT NOT NULL
);

-- One row that the readiness check writes to, because only a write shows that writes work.
CREATE TABLE write_probe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  writes BIGINT NOT NULL
);
INSERT INTO write_probe (id, writes) VALUES (1, 0);
