import type { Account, Group, Secret } from "#core/metadata/accounts.ts";

/** Accounts as the API shows them: field by field, so that no hash ever gets out. */
const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

export function userView({ name, admin, enabled, groups, createdAt, expiresAt }: Account) {
  return { name, admin, enabled, groups, created_at: time(createdAt), expires_at: time(expiresAt) };
}

export function robotView({ name, enabled, rights, groups, createdAt, expiresAt }: Account) {
  return { name, enabled, rights, groups, created_at: time(createdAt), expires_at: time(expiresAt) };
}

export function groupView({ name, members, createdAt }: Group) {
  return { name, members, created_at: time(createdAt) };
}

/** `limits` null: all that the user may. */
export function tokenView({ id, kind, label, limits, createdAt, expiresAt }: Secret) {
  return {
    id,
    kind,
    label,
    limits: limits ?? null,
    created_at: time(createdAt),
    expires_at: time(expiresAt),
  };
}
