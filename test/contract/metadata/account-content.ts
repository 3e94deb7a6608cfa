import type { AuditActor } from "#core/audit.ts";
import type { NewAccount, NewSecret } from "#core/metadata/accounts.ts";

export const operator: AuditActor = {
  actorId: undefined,
  actor: "operator",
  kind: "operator",
  address: "",
  request: "r1",
  rule: "control socket",
};

/** A user, as it is added. */
export function user(name: string, rest: Partial<NewAccount> = {}): NewAccount {
  return {
    kind: "user",
    name,
    admin: false,
    passwordHash: `hash of ${name}`,
    rights: [],
    expiresAt: undefined,
    ...rest,
  };
}

/** A robot with one right, as it is added. */
export function robot(name: string, rest: Partial<NewAccount> = {}): NewAccount {
  const rights = [{ repositories: "team/**", actions: ["pull", "push"] as const }];
  return user(name, { kind: "robot", passwordHash: undefined, rights, ...rest });
}

export function secret(accountId: number, hash: string, rest: Partial<NewSecret> = {}): NewSecret {
  return {
    accountId,
    kind: "personal",
    hash,
    label: "laptop",
    limits: undefined,
    expiresAt: undefined,
    ...rest,
  };
}
