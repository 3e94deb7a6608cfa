import type { NewSecret } from "#core/metadata/accounts.ts";
import { accountChanges, type By } from "../account-changes.ts";
import { rightsText } from "../account-row.ts";
import type { Connection } from "../connection.ts";

/** Changes of secrets: of robots, personal tokens, refresh tokens. */
export function secretOperations(db: Connection) {
  const changes = accountChanges(db);
  const account = db.prepare<[number], string>("SELECT name FROM accounts WHERE id = ?").pluck();
  const insert = db
    .prepare<[number, string, string, string, string | null, number, number | null], number>(
      "INSERT INTO secrets (account_id, kind, hash, label, limits, created_at, expires_at) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .pluck();
  const owner = db
    .prepare<[number], string>(
      "SELECT a.name FROM secrets s JOIN accounts a ON a.id = s.account_id WHERE s.id = ?",
    )
    .pluck();
  const removeOthers = db.prepare<[number]>("DELETE FROM secrets WHERE account_id = ? AND kind = 'robot'");
  const remove = db.prepare<[number]>("DELETE FROM secrets WHERE id = ?");
  const dropExpired = db.prepare<[number]>(
    "DELETE FROM secrets WHERE expires_at IS NOT NULL AND expires_at < ?",
  );

  return {
    addSecret({ secret, by, now }: { secret: NewSecret } & By): number | "no-account" {
      const { accountId, kind, hash, label, limits, expiresAt } = secret;
      const name = account.get(accountId);
      if (name === undefined) return "no-account";
      // A robot has one: the new one ends the old one in the same moment.
      if (kind === "robot") removeOthers.run(accountId);
      const narrowed = limits === undefined ? null : rightsText(limits);
      const id = insert.get(accountId, kind, hash, label, narrowed, now, expiresAt ?? null);
      if (id === undefined) throw new Error(`no row for a secret of ${name}`);
      changes.record("secret-added", name, { by, now });
      return id;
    },

    removeSecret({ id, by, now }: { id: number } & By): boolean {
      const name = owner.get(id);
      if (name === undefined) return false;
      remove.run(id);
      changes.record("secret-removed", name, { by, now });
      return true;
    },

    dropExpiredSecrets({ now }: { now: number }): number {
      const dropped = dropExpired.run(now).changes;
      if (dropped > 0) changes.nextVersion();
      return dropped;
    },
  };
}

export type SecretOperations = ReturnType<typeof secretOperations>;
