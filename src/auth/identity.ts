import type { Identity } from "#core/caller.ts";
import type { Account } from "#core/metadata/accounts.ts";

/** Who an account is, as it is now. */
export function identityOf({ kind, id, name, admin, groups, rights }: Account): Identity {
  return { kind, id: `${kind}:${id}`, name, admin: admin && kind === "user", groups, rights };
}

/** A user of the htpasswd file: no admin, in no group; rules can name him as `user:NAME`. */
export function htpasswdIdentity(name: string): Identity {
  return { kind: "user", id: `htpasswd:${name}`, name, admin: false, groups: [], rights: [] };
}

/** Whether the account may sign in at `now` (ms). */
export function isUsable({ enabled, expiresAt }: Account, now: number): boolean {
  return enabled && (expiresAt === undefined || expiresAt > now);
}
