-- Keys that sign access tokens, where auth.secret_file is set.

CREATE TABLE signing_keys (
  -- One more than the newest.
  position INTEGER PRIMARY KEY,
  -- RFC 7638 thumbprint.
  kid TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  -- Encrypted with auth.secret_file.
  sealed BLOB NOT NULL
) STRICT;
