import type { Caller, Right } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Account, AccountChange } from "#core/metadata/accounts.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Page } from "#core/metadata/repositories.ts";
import { hashSecret, newSecret } from "#kit/secrets.ts";
import { checkExpiry, checkName, checkRights } from "./account-rules.ts";
import type { AccountParts } from "./account-parts.ts";
import { mayManage } from "./may-manage.ts";
import { prefixes } from "./secret-text.ts";
import { done, exists, findAccount } from "./users.ts";

export interface NewRobot {
  name: string;
  rights: readonly Right[];
  /** ms; undefined: in a year. */
  expiresAt: number | "never" | undefined;
}

export interface RobotChange {
  enabled?: boolean;
  rights?: readonly Right[];
  expiresAt?: number | "never";
}

export interface Robots {
  list(caller: Caller, page: Page): Promise<Account[]>;
  get(caller: Caller, name: string): Promise<Account>;
  /** With its secret, which nobody can be shown again. */
  add(caller: Caller, robot: NewRobot): Promise<{ robot: Account; secret: string }>;
  change(caller: Caller, name: string, change: RobotChange): Promise<Account>;
  /** A new secret; the old one ends, and with it every token that was issued from it. */
  renewSecret(caller: Caller, name: string): Promise<string>;
  remove(caller: Caller, name: string): Promise<void>;
}

/** Robots: accounts for machines, with a secret of their own and rights of their own. */
export function createRobots(parts: AccountParts): Robots {
  const { accounts, clock } = parts;

  async function secretFor(id: number, name: string, by: AuditActor): Promise<string> {
    const text = newSecret(prefixes.robot);
    const secret = {
      accountId: id,
      kind: "robot" as const,
      hash: hashSecret(text),
      label: name,
      limits: undefined,
      expiresAt: undefined,
    };
    const added = await accounts.addSecret(secret, by, clock());
    if (added === "no-account") throw new AppError("account-unknown", `there is no robot ${name} any more`);
    return text;
  }

  return {
    async list(caller, page) {
      mayManage(caller);
      return accounts.list("robot", page);
    },
    async get(caller, name) {
      mayManage(caller);
      return findAccount(parts, "robot", name);
    },
    async add(caller, { name, rights, expiresAt }) {
      const by = mayManage(caller);
      const robot = {
        kind: "robot" as const,
        name: checkName(name),
        admin: false,
        passwordHash: undefined,
        rights: checkRights(rights),
        expiresAt: checkExpiry(expiresAt, clock()),
      };
      const id = await accounts.add(robot, by, clock());
      if (id === "exists") throw exists(name);
      const secret = await secretFor(id, name, by);
      return { robot: await findAccount(parts, "robot", name), secret };
    },
    async change(caller, name, { enabled, rights, expiresAt }) {
      const by = mayManage(caller);
      const { id } = await findAccount(parts, "robot", name);
      const change: AccountChange = {};
      if (enabled !== undefined) change.enabled = enabled;
      if (rights !== undefined) change.rights = checkRights(rights);
      if (expiresAt !== undefined) change.expiresAt = checkExpiry(expiresAt, clock());
      done(await accounts.change(id, change, by, clock()), "robot", name);
      return findAccount(parts, "robot", name);
    },
    async renewSecret(caller, name) {
      const by = mayManage(caller);
      const { id } = await findAccount(parts, "robot", name);
      return secretFor(id, name, by);
    },
    async remove(caller, name) {
      const by = mayManage(caller);
      const { id } = await findAccount(parts, "robot", name);
      done(await accounts.remove(id, by, clock()), "robot", name);
    },
  };
}
