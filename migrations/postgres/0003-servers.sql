-- What one server of many may do at a time, and the servers that share this database. Times are milliseconds
-- since the epoch, by the database's own clock.

-- Fences grow over all names: rows of leases that ended may go, but for the one with the largest fence.
CREATE TABLE leases (
  name TEXT COLLATE "C" PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  until BIGINT NOT NULL,
  fence BIGINT NOT NULL
);

CREATE TABLE servers (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  -- JSON: {section: hash}
  rules TEXT COLLATE "C" NOT NULL,
  seen_at BIGINT NOT NULL
);

-- At most one row: the id of the folder that the blobs on disk lie in.
CREATE TABLE blob_folder (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT COLLATE "C" NOT NULL
);
