import type { Account, AccountKind, Group, Secret } from "#core/metadata/accounts.ts";
import {
  accountOf,
  secretOf,
  selectAccount,
  selectSecret,
  type AccountRow,
  type SecretRow,
} from "../account-row.ts";
import type { Connection } from "../connection.ts";

/** Reads of accounts, groups and secrets. */
export function accountReads(db: Connection) {
  const version = db.prepare<[], number>("SELECT version FROM account_version").pluck();
  const byName = db.prepare<[string], AccountRow>(`${selectAccount} WHERE name = ?`);
  const byId = db.prepare<[number], AccountRow>(`${selectAccount} WHERE id = ?`);
  const page = db.prepare<[string, string, number], AccountRow>(
    `${selectAccount} WHERE kind = ? AND name > ? ORDER BY name LIMIT ?`,
  );
  const admin = db.prepare<[], number>("SELECT 1 FROM accounts WHERE admin = 1 LIMIT 1").pluck();
  const groupsOf = db
    .prepare<[number], string>(
      "SELECT g.name FROM group_members m JOIN account_groups g ON g.id = m.group_id " +
        "WHERE m.account_id = ? ORDER BY g.name",
    )
    .pluck();
  const groups = db.prepare<[], { name: string; createdAt: number; member: string | null }>(
    "SELECT g.name, g.created_at AS createdAt, a.name AS member FROM account_groups g " +
      "LEFT JOIN group_members m ON m.group_id = g.id LEFT JOIN accounts a ON a.id = m.account_id " +
      "ORDER BY g.name, a.name",
  );
  const secretByHash = db.prepare<[string], SecretRow>(`${selectSecret} WHERE hash = ?`);
  const secretById = db.prepare<[number], SecretRow>(`${selectSecret} WHERE id = ?`);
  const secrets = db.prepare<[number], SecretRow>(`${selectSecret} WHERE account_id = ? ORDER BY id DESC`);

  const whole = (row: AccountRow | undefined): Account | undefined =>
    row && accountOf(row, groupsOf.all(row.id));
  const wholeSecret = (row: SecretRow | undefined): Secret | undefined => row && secretOf(row);

  return {
    version: () => version.get() ?? 0,
    byName: (name: string) => whole(byName.get(name)),
    byId: (id: number) => whole(byId.get(id)),
    list: (kind: AccountKind, { limit, last }: { limit: number; last: string | undefined }): Account[] =>
      page.all(kind, last ?? "", limit).map((row) => accountOf(row, groupsOf.all(row.id))),
    hasAdmin: () => admin.get() !== undefined,
    groups(): Group[] {
      const found: Group[] = [];
      for (const { name, createdAt, member } of groups.iterate()) {
        let group = found.at(-1);
        if (group?.name !== name) found.push((group = { name, members: [], createdAt }));
        if (member !== null) group.members.push(member);
      }
      return found;
    },
    secret: (hash: string) => wholeSecret(secretByHash.get(hash)),
    secretById: (id: number) => wholeSecret(secretById.get(id)),
    secrets: (accountId: number): Secret[] => secrets.all(accountId).map(secretOf),
  };
}
