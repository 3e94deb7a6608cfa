/**
 * Accounts, as they are managed. Owns who may do it and what names, passwords, rights and expiries may be;
 * the store makes each change one transaction. caller → may manage? → rule → store.
 */
import type { AuditActor } from "#core/audit.ts";
import { AppError } from "#core/errors.ts";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { AccountParts } from "./account-parts.ts";
import { createGroups, type Groups } from "./groups.ts";
import { createPersonalTokens, type PersonalTokens } from "./personal-tokens.ts";
import { createRobots, type Robots } from "./robots.ts";
import { addUser, createUsers, type Users } from "./users.ts";

export interface AccountManagement {
  users: Users;
  robots: Robots;
  groups: Groups;
  tokens: PersonalTokens;
}

export function createAccountManagement(parts: AccountParts): AccountManagement {
  return {
    users: createUsers(parts),
    robots: createRobots(parts),
    groups: createGroups(parts),
    tokens: createPersonalTokens(parts),
  };
}

const atStart: AuditActor = {
  actorId: undefined,
  actor: "berth",
  kind: "operator",
  address: "",
  request: "start",
  rule: "auth.admin.password_file",
};

/**
 * Makes the first admin where there is none. True when it did.
 * Throws account-invalid for a password that may not be set, account-exists when a user who is no admin,
 * or a robot, has the name.
 */
export async function ensureAdmin(accounts: Accounts, name: string, password: string): Promise<boolean> {
  if (await accounts.hasAdmin()) return false;
  const parts: AccountParts = { accounts, clock: Date.now, proves: async () => false };
  try {
    await addUser(parts, { name, password, admin: true, expiresAt: undefined }, atStart);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "account-exists") throw error;
    // Another server that starts at the same time has made it.
    if (await accounts.hasAdmin()) return false;
    throw new AppError(
      "account-exists",
      `auth.admin.name is ${name}, and there is a user or robot ${name} who is no admin: ` +
        `choose another name, or make the user an admin with "berth user promote ${name}"`,
    );
  }
  return true;
}
