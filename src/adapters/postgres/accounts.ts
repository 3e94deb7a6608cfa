import type { Accounts, Group } from "#core/metadata/accounts.ts";
import { accountChanges } from "./account-changes.ts";
import {
  accountOf,
  secretOf,
  selectAccount,
  selectSecret,
  type AccountRow,
  type SecretRow,
} from "./account-row.ts";
import { after, type Database } from "./database.ts";
import { groupChanges } from "./group-changes.ts";
import { secretChanges } from "./secret-changes.ts";

/** Accounts of the seam. */
export function postgresAccounts(db: Database): Accounts {
  async function account(where: string, value: unknown) {
    const row = await db.row<AccountRow>(`${selectAccount} ${where}`, [value]);
    return row && accountOf(row);
  }
  async function secret(where: string, value: unknown) {
    const row = await db.row<SecretRow>(`${selectSecret} ${where}`, [value]);
    return row && secretOf(row);
  }
  return {
    ...accountChanges(db),
    ...groupChanges(db),
    ...secretChanges(db),

    version: async () =>
      (await db.row<{ version: number }>("SELECT version FROM account_version"))?.version ?? 0,
    byName: (name) => account("WHERE name = $1", name),
    byId: (id) => account("WHERE id = $1", id),
    async list(kind, { limit, last }) {
      const sql = `${selectAccount} WHERE kind = $1 AND name > $2 ORDER BY name LIMIT $3`;
      return (await db.rows<AccountRow>(sql, [kind, after(last), limit])).map(accountOf);
    },
    hasAdmin: async () => (await db.row("SELECT 1 FROM accounts WHERE admin LIMIT 1")) !== undefined,
    groups: () =>
      db.rows<Group>(
        'SELECT name, created_at AS "createdAt", ARRAY(SELECT a.name FROM group_members m JOIN accounts a ' +
          "ON a.id = m.account_id WHERE m.group_id = account_groups.id ORDER BY a.name) AS members " +
          "FROM account_groups ORDER BY name",
      ),
    secret: (hash) => secret("WHERE hash = $1", hash),
    secretById: (id) => secret("WHERE id = $1", id),
    async secrets(accountId) {
      const sql = `${selectSecret} WHERE account_id = $1 ORDER BY id DESC`;
      return (await db.rows<SecretRow>(sql, [accountId])).map(secretOf);
    },
  };
}
