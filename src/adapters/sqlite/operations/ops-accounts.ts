import type { AccountChange, NewAccount } from "#core/metadata/accounts.ts";
import { accountChanges, type By } from "../account-changes.ts";
import { rightsText } from "../account-row.ts";
import type { Connection } from "../connection.ts";

interface Known {
  name: string;
  admin: number;
}

/** Changes of users and robots. */
export function accountOperations(db: Connection) {
  const changes = accountChanges(db);
  const taken = db.prepare<[string], number>("SELECT 1 FROM accounts WHERE name = ?").pluck();
  const find = db.prepare<[number], Known>("SELECT name, admin FROM accounts WHERE id = ?");
  const insert = db
    .prepare<[string, string, number, string | null, string, number | null, number, number], number>(
      "INSERT INTO accounts (kind, name, admin, enabled, password_hash, rights, expires_at, created_at, tokens_from) " +
        "VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?) RETURNING id",
    )
    .pluck();
  const set = {
    passwordHash: db.prepare<[string, number]>("UPDATE accounts SET password_hash = ? WHERE id = ?"),
    admin: db.prepare<[number, number]>("UPDATE accounts SET admin = ? WHERE id = ?"),
    enabled: db.prepare<[number, number]>("UPDATE accounts SET enabled = ? WHERE id = ?"),
    rights: db.prepare<[string, number]>("UPDATE accounts SET rights = ? WHERE id = ?"),
    expiresAt: db.prepare<[number | null, number]>("UPDATE accounts SET expires_at = ? WHERE id = ?"),
    tokensFrom: db.prepare<[number, number]>(
      "UPDATE accounts SET tokens_from = max(tokens_from, ?) WHERE id = ?",
    ),
  };
  const removeRefresh = db.prepare<[number]>("DELETE FROM secrets WHERE account_id = ? AND kind = 'refresh'");
  const remove = db.prepare<[number]>("DELETE FROM accounts WHERE id = ?");
  /** Admins who can sign in for good: one must always be left. */
  const lasting = db
    .prepare<[number], number>(
      "SELECT count(*) FROM accounts WHERE admin = 1 AND enabled = 1 AND expires_at IS NULL AND id <> ?",
    )
    .pluck();
  const endsAdmin = (change: AccountChange) =>
    change.admin === false || change.enabled === false || change.expiresAt !== undefined;

  return {
    addAccount({ account, by, now }: { account: NewAccount } & By): number | "exists" {
      const { kind, name, admin, passwordHash, rights, expiresAt } = account;
      if (taken.get(name) !== undefined) return "exists";
      const hash = passwordHash ?? null;
      const ends = expiresAt ?? null;
      const id = insert.get(kind, name, admin ? 1 : 0, hash, rightsText(rights), ends, now, now);
      if (id === undefined) throw new Error(`no row for account ${name}`);
      changes.record("account-added", name, { by, now });
      return id;
    },

    changeAccount({
      id,
      change,
      by,
      now,
    }: { id: number; change: AccountChange } & By): boolean | "last-admin" {
      const account = find.get(id);
      if (!account) return false;
      if (account.admin === 1 && endsAdmin(change) && lasting.get(id) === 0) return "last-admin";
      if (change.passwordHash !== undefined) set.passwordHash.run(change.passwordHash, id);
      if (change.admin !== undefined) set.admin.run(change.admin ? 1 : 0, id);
      if (change.enabled !== undefined) set.enabled.run(change.enabled ? 1 : 0, id);
      if (change.rights !== undefined) set.rights.run(rightsText(change.rights), id);
      if ("expiresAt" in change) set.expiresAt.run(change.expiresAt ?? null, id);
      if (change.passwordHash !== undefined || change.endTokens === true) {
        set.tokensFrom.run(now, id);
        removeRefresh.run(id);
      }
      changes.record("account-changed", account.name, { by, now });
      return true;
    },

    removeAccount({ id, by, now }: { id: number } & By): boolean | "last-admin" {
      const account = find.get(id);
      if (!account) return false;
      if (account.admin === 1 && lasting.get(id) === 0) return "last-admin";
      remove.run(id);
      changes.record("account-removed", account.name, { by, now });
      return true;
    },
  };
}

export type AccountOperations = ReturnType<typeof accountOperations>;
