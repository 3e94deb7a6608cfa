-- Who may sign in, and who did what. Times are milliseconds since the epoch.

-- An id is never given again, so an old token can't become somebody else's.
CREATE TABLE accounts (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('user', 'robot')),
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  admin BOOLEAN NOT NULL,
  enabled BOOLEAN NOT NULL,
  -- PHC string; NULL: no password.
  password_hash TEXT COLLATE "C",
  -- JSON: [{"repositories": glob, "actions": […]}]
  rights TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL,
  -- Access tokens issued before are refused.
  tokens_from BIGINT NOT NULL
);

CREATE TABLE account_groups (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE group_members (
  group_id BIGINT NOT NULL REFERENCES account_groups (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_members_account ON group_members (account_id);

CREATE TABLE secrets (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('robot', 'personal', 'refresh')),
  -- SHA-256 of 256 random bits, hex.
  hash TEXT COLLATE "C" NOT NULL UNIQUE,
  label TEXT COLLATE "C" NOT NULL,
  -- JSON like rights; NULL: as much as the account.
  limits TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX secrets_account ON secrets (account_id);
CREATE INDEX secrets_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;

-- One row; grows with every change of the tables above, and is locked by every such change.
CREATE TABLE account_version (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO account_version (id, version) VALUES (1, 1);

CREATE SEQUENCE audit_ids;

CREATE TABLE audit (
  id BIGINT PRIMARY KEY DEFAULT nextval('audit_ids'),
  at BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  actor_id TEXT COLLATE "C",
  actor TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  request TEXT COLLATE "C" NOT NULL,
  rule TEXT COLLATE "C" NOT NULL,
  repository TEXT COLLATE "C",
  tag TEXT COLLATE "C",
  digest TEXT COLLATE "C",
  subject TEXT COLLATE "C",
  count BIGINT NOT NULL
);
CREATE INDEX audit_at ON audit (at);

-- Append-only: old rows may be dropped, but no row is ever changed.
CREATE FUNCTION audit_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END;
$$;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_never_changes();

-- How far the lines file has come.
CREATE TABLE audit_lines (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  written BIGINT NOT NULL
);
INSERT INTO audit_lines (id, written) VALUES (1, 0);

-- What is remembered of failed sign-ins, by all servers together. Keys are hashes: people type what they like
-- into name fields. Unlogged: a crash of the database may forget all of it.
CREATE UNLOGGED TABLE login_memory (
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('pair', 'address', 'account', 'known', 'parked')),
  key TEXT COLLATE "C" NOT NULL,
  -- Failures; 1 for known and parked.
  count INTEGER NOT NULL,
  -- When the last failure was; for parked, when the next try is free.
  at BIGINT NOT NULL,
  -- When the row was written, to forget the oldest.
  touched_at BIGINT NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX login_memory_touched ON login_memory (kind, touched_at);
