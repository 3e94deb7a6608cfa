-- Who may sign in, and who did what. Times are milliseconds since the epoch.

-- AUTOINCREMENT: an id is never given again, so an old token can't become somebody else's.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'robot')),
  name TEXT NOT NULL UNIQUE,
  admin INTEGER NOT NULL CHECK (admin IN (0, 1)),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- PHC string; NULL: no password.
  password_hash TEXT,
  -- JSON: [{"repositories": glob, "actions": […]}]
  rights TEXT NOT NULL,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  -- Access tokens issued before are refused.
  tokens_from INTEGER NOT NULL
) STRICT;

CREATE TABLE account_groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES account_groups (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_account ON group_members (account_id);

CREATE TABLE secrets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('robot', 'personal', 'refresh')),
  -- SHA-256 of 256 random bits, hex.
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  -- JSON like rights; NULL: as much as the account.
  limits TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;
CREATE INDEX secrets_account ON secrets (account_id);
CREATE INDEX secrets_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;

-- One row; grows with every change of the tables above.
CREATE TABLE account_version (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO account_version (id, version) VALUES (1, 1);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor_id TEXT,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  request TEXT NOT NULL,
  rule TEXT NOT NULL,
  repository TEXT,
  tag TEXT,
  digest TEXT,
  subject TEXT,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);

-- Append-only: old rows may be dropped, but no row is ever changed.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- How far the lines file has come.
CREATE TABLE audit_lines (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  written INTEGER NOT NULL
) STRICT;
INSERT INTO audit_lines (id, written) VALUES (1, 0);
