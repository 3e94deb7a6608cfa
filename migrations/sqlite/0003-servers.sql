-- What one server of many may do at a time, and the servers that share this database. Times are milliseconds
-- since the epoch.

-- Fences grow over all names: rows of leases that ended may go, but for the one with the largest fence.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL,
  fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE servers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- JSON: {section: hash}
  rules TEXT NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- At most one row: the id of the folder that the blobs on disk lie in.
CREATE TABLE blob_folder (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL
) STRICT;
