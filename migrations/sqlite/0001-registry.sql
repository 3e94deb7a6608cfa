-- What is in which repository. Times are milliseconds since the epoch, sizes are bytes.
-- Names, tags and digests compare bytewise (SQLite's default collation, BINARY).

-- A row is made by the first blob or manifest and is never deleted, so an id may be remembered.
CREATE TABLE repositories (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  location TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- 1: the bytes at this location were found missing or wrong.
  damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
  -- Since when no repository links it; NULL while one does. The bytes stay until garbage collection.
  unreferenced_at INTEGER
) STRICT;
CREATE INDEX blobs_unreferenced ON blobs (unreferenced_at) WHERE unreferenced_at IS NOT NULL;

CREATE TABLE repository_blobs (
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  blob_id INTEGER NOT NULL REFERENCES blobs (id),
  linked_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blobs_blob ON repository_blobs (blob_id);

CREATE TABLE manifests (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  subject TEXT,
  artifact_type TEXT,
  -- JSON text, as the referrers list shows it.
  annotations TEXT,
  pushed_at INTEGER NOT NULL,
  UNIQUE (repository_id, digest)
) STRICT;
CREATE INDEX manifests_subject ON manifests (repository_id, subject, digest) WHERE subject IS NOT NULL;

-- Apart from the facts, so that lists of manifests don't page through their bytes.
CREATE TABLE manifest_bytes (
  manifest_id INTEGER PRIMARY KEY REFERENCES manifests (id) ON DELETE CASCADE,
  bytes BLOB NOT NULL
) STRICT;

-- What each manifest names. The key answers "which manifest of this repository names this digest".
CREATE TABLE manifest_references (
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  digest TEXT NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('blob', 'manifest')),
  -- 1: the repository lacked it when the manifest was last put, and that was allowed: a hole that is
  -- intended, not damage. Stays 1 when the thing is pushed later, until the manifest is put again.
  missing INTEGER NOT NULL CHECK (missing IN (0, 1)),
  PRIMARY KEY (repository_id, digest, manifest_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_references_manifest ON manifest_references (manifest_id);

CREATE TABLE tags (
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  name TEXT NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_manifest ON tags (manifest_id);

-- Unfinished uploads. Who is writing one right now is in the writer's memory, not here.
CREATE TABLE uploads (
  id TEXT NOT NULL PRIMARY KEY,
  repository TEXT NOT NULL,
  owner TEXT,
  algorithm TEXT NOT NULL,
  handle TEXT NOT NULL UNIQUE,
  started_at INTEGER NOT NULL,
  received INTEGER NOT NULL,
  -- Digest of the bytes received so far; NULL when unknown.
  so_far TEXT,
  touched_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row that the readiness check writes to, because only a write shows that writes work.
CREATE TABLE write_probe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  writes INTEGER NOT NULL
) STRICT;
INSERT INTO write_probe (id, writes) VALUES (1, 0);
