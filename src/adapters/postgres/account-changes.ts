import type { AccountChange, Accounts } from "#core/metadata/accounts.ts";
import { rightsText } from "./account-row.ts";
import { accountTransaction } from "./account-transaction.ts";
import type { Database, Queries } from "./database.ts";

type AccountChanges = Pick<Accounts, "add" | "change" | "remove">;

/** Changes of users and robots. */
export function accountChanges(db: Database): AccountChanges {
  return {
    add: ({ kind, name, admin, passwordHash, rights, expiresAt }, by, now) =>
      accountTransaction(db, async (tx) => {
        const row = await tx.row<{ id: number }>(
          "INSERT INTO accounts " +
            "(kind, name, admin, enabled, password_hash, rights, expires_at, created_at, tokens_from) " +
            "VALUES ($1, $2, $3, true, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING RETURNING id",
          [kind, name, admin, passwordHash ?? null, rightsText(rights), expiresAt ?? null, now],
        );
        if (!row) return "exists";
        await tx.record("account-added", name, { by, now });
        return row.id;
      }),

    change: (id, change, by, now) =>
      accountTransaction(db, async (tx) => {
        const account = await find(tx, id);
        if (!account) return false;
        if (account.admin && endsAdmin(change) && (await isLastAdmin(tx, id))) return "last-admin";
        const { passwordHash, admin, enabled, rights, expiresAt } = change;
        const endsTokens = passwordHash !== undefined || change.endTokens === true;
        await tx.change(
          "UPDATE accounts SET password_hash = coalesce($2, password_hash), admin = coalesce($3, admin), " +
            "enabled = coalesce($4, enabled), rights = coalesce($5, rights), " +
            "expires_at = CASE WHEN $6 THEN $7::bigint ELSE expires_at END, " +
            "tokens_from = CASE WHEN $8 THEN greatest(tokens_from, $9) ELSE tokens_from END WHERE id = $1",
          [
            id,
            passwordHash ?? null,
            admin ?? null,
            enabled ?? null,
            rights === undefined ? null : rightsText(rights),
            "expiresAt" in change,
            expiresAt ?? null,
            endsTokens,
            now,
          ],
        );
        if (endsTokens)
          await tx.change("DELETE FROM secrets WHERE account_id = $1 AND kind = 'refresh'", [id]);
        await tx.record("account-changed", account.name, { by, now });
        return true;
      }),

    remove: (id, by, now) =>
      accountTransaction(db, async (tx) => {
        const account = await find(tx, id);
        if (!account) return false;
        if (account.admin && (await isLastAdmin(tx, id))) return "last-admin";
        await tx.change("DELETE FROM accounts WHERE id = $1", [id]);
        await tx.record("account-removed", account.name, { by, now });
        return true;
      }),
  };
}

const find = (tx: Queries, id: number) =>
  tx.row<{ name: string; admin: boolean }>("SELECT name, admin FROM accounts WHERE id = $1", [id]);

/** Whether nobody else is left who is admin and can sign in for good. */
async function isLastAdmin(tx: Queries, id: number): Promise<boolean> {
  const text = "SELECT 1 FROM accounts WHERE admin AND enabled AND expires_at IS NULL AND id <> $1 LIMIT 1";
  return (await tx.row(text, [id])) === undefined;
}

function endsAdmin(change: AccountChange): boolean {
  return change.admin === false || change.enabled === false || change.expiresAt !== undefined;
}
