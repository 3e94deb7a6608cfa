import type { Account, AccountKind, Secret } from "#core/metadata/accounts.ts";
import type { Right } from "#core/caller.ts";

export interface AccountRow {
  id: number;
  kind: AccountKind;
  name: string;
  admin: number;
  enabled: number;
  passwordHash: string | null;
  rights: string;
  expiresAt: number | null;
  createdAt: number;
  tokensFrom: number;
}

export interface SecretRow {
  id: number;
  accountId: number;
  kind: Secret["kind"];
  hash: string;
  label: string;
  limits: string | null;
  createdAt: number;
  expiresAt: number | null;
}

/** Reads accounts as AccountRow; a WHERE follows. */
export const selectAccount =
  "SELECT id, kind, name, admin, enabled, password_hash AS passwordHash, rights, expires_at AS expiresAt, " +
  "created_at AS createdAt, tokens_from AS tokensFrom FROM accounts";

/** Reads secrets as SecretRow; a WHERE follows. */
export const selectSecret =
  "SELECT id, account_id AS accountId, kind, hash, label, limits, created_at AS createdAt, " +
  "expires_at AS expiresAt FROM secrets";

export function accountOf(row: AccountRow, groups: string[]): Account {
  return {
    ...row,
    admin: row.admin === 1,
    enabled: row.enabled === 1,
    passwordHash: row.passwordHash ?? undefined,
    rights: JSON.parse(row.rights) as Right[],
    expiresAt: row.expiresAt ?? undefined,
    groups,
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
