import type { Account, Secret } from "#core/metadata/accounts.ts";
import type { Right } from "#core/caller.ts";

export type AccountRow = Omit<Account, "passwordHash" | "rights" | "expiresAt"> & {
  passwordHash: string | null;
  rights: string;
  expiresAt: number | null;
};

export type SecretRow = Omit<Secret, "limits" | "expiresAt"> & {
  limits: string | null;
  expiresAt: number | null;
};

/** Reads accounts, with their groups, as AccountRow; a WHERE follows. */
export const selectAccount =
  'SELECT id, kind, name, admin, enabled, password_hash AS "passwordHash", rights, expires_at AS "expiresAt", ' +
  'created_at AS "createdAt", tokens_from AS "tokensFrom", ARRAY(SELECT g.name FROM group_members m ' +
  "JOIN account_groups g ON g.id = m.group_id WHERE m.account_id = accounts.id ORDER BY g.name) AS groups " +
  "FROM accounts";

/** Reads secrets as SecretRow; a WHERE follows. */
export const selectSecret =
  'SELECT id, account_id AS "accountId", kind, hash, label, limits, created_at AS "createdAt", ' +
  'expires_at AS "expiresAt" FROM secrets';

export function accountOf(row: AccountRow): Account {
  return {
    ...row,
    passwordHash: row.passwordHash ?? undefined,
    rights: JSON.parse(row.rights) as Right[],
    expiresAt: row.expiresAt ?? undefined,
  };
}

export function secretOf(row: SecretRow): Secret {
  return {
    ...row,
    limits: row.limits === null ? undefined : (JSON.parse(row.limits) as Right[]),
    expiresAt: row.expiresAt ?? undefined,
  };
}

/** Rights as their column has them. */
export function rightsText(rights: readonly Right[]): string {
  return JSON.stringify(rights.map(({ repositories, actions }) => ({ repositories, actions })));
}
