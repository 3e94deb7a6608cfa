import type { Accounts } from "#core/metadata/accounts.ts";
import { rightsText } from "./account-row.ts";
import { accountTransaction } from "./account-transaction.ts";
import type { Database } from "./database.ts";

type SecretChanges = Pick<Accounts, "addSecret" | "removeSecret" | "dropExpiredSecrets">;

/** Changes of secrets: of robots, personal tokens, refresh tokens. */
export function secretChanges(db: Database): SecretChanges {
  return {
    addSecret: ({ accountId, kind, hash, label, limits, expiresAt }, by, now) =>
      accountTransaction(db, async (tx) => {
        const text = "SELECT name FROM accounts WHERE id = $1";
        const account = await tx.row<{ name: string }>(text, [accountId]);
        if (!account) return "no-account";
        // A robot has one: the new one ends the old one in the same moment.
        if (kind === "robot")
          await tx.change("DELETE FROM secrets WHERE account_id = $1 AND kind = 'robot'", [accountId]);
        const row = await tx.row<{ id: number }>(
          "INSERT INTO secrets (account_id, kind, hash, label, limits, created_at, expires_at) " +
            "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
          [
            accountId,
            kind,
            hash,
            label,
            limits === undefined ? null : rightsText(limits),
            now,
            expiresAt ?? null,
          ],
        );
        if (!row) throw new Error(`no row for a secret of ${account.name}`);
        await tx.record("secret-added", account.name, { by, now });
        return row.id;
      }),

    removeSecret: (id, by, now) =>
      accountTransaction(db, async (tx) => {
        const owner = await tx.row<{ name: string }>(
          "SELECT a.name FROM secrets s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1",
          [id],
        );
        if (!owner) return false;
        await tx.change("DELETE FROM secrets WHERE id = $1", [id]);
        await tx.record("secret-removed", owner.name, { by, now });
        return true;
      }),

    dropExpiredSecrets: (now) =>
      accountTransaction(db, async (tx) => {
        const text = "DELETE FROM secrets WHERE expires_at IS NOT NULL AND expires_at < $1";
        const dropped = await tx.change(text, [now]);
        if (dropped > 0) await tx.nextVersion();
        return dropped;
      }),
  };
}
