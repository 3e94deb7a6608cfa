-- Keys that sign access tokens, for all servers on this database.

CREATE TABLE signing_keys (
  -- One more than the newest: of two servers that add at the same time one comes too late.
  position BIGINT PRIMARY KEY,
  -- RFC 7638 thumbprint.
  kid TEXT COLLATE "C" NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  -- Encrypted with auth.secret_file.
  sealed BYTEA NOT NULL
);
