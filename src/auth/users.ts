import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Account, AccountChange, AccountKind } from "#core/metadata/accounts.ts";
import type { Page } from "#core/metadata/repositories.ts";
import { hashPassword } from "#kit/password-hash.ts";
import { checkExpiry, checkName, checkPassword } from "./account-rules.ts";
import type { AccountParts } from "./account-parts.ts";
import { isSelf, mayManage, mayManageOwn } from "./may-manage.ts";

export interface NewUser {
  name: string;
  password: string;
  admin: boolean;
  /** ms; undefined: never. */
  expiresAt: number | undefined;
}

export interface UserChange {
  admin?: boolean;
  enabled?: boolean;
  /** ms. */
  expiresAt?: number | "never";
  /** Ends the access and refresh tokens that are out. */
  endTokens?: true;
}

export interface Users {
  list(caller: Caller, page: Page): Promise<Account[]>;
  get(caller: Caller, name: string): Promise<Account>;
  add(caller: Caller, user: NewUser): Promise<Account>;
  change(caller: Caller, name: string, change: UserChange): Promise<Account>;
  /** @param current the password so far; users must say it for their own account, admins for others needn't. */
  passwd(caller: Caller, name: string, password: string, current: string | undefined): Promise<void>;
  remove(caller: Caller, name: string): Promise<void>;
}

/** Users, as admins and they themselves manage them. Each call throws denied, account-unknown, account-invalid. */
export function createUsers(parts: AccountParts): Users {
  const { accounts, clock } = parts;

  async function found(name: string): Promise<Account> {
    return findAccount(parts, "user", name);
  }

  return {
    async list(caller, page) {
      mayManage(caller);
      return accounts.list("user", page);
    },
    async get(caller, name) {
      mayManageOwn(caller, name);
      return found(name);
    },
    async add(caller, user) {
      const by = mayManage(caller);
      await addUser(parts, user, by);
      return found(user.name);
    },
    async change(caller, name, { admin, enabled, expiresAt, endTokens }) {
      const by =
        endTokens && admin === undefined && enabled === undefined && expiresAt === undefined
          ? mayManageOwn(caller, name)
          : mayManage(caller);
      const { id } = await found(name);
      const change: AccountChange = {};
      if (admin !== undefined) change.admin = admin;
      if (enabled !== undefined) change.enabled = enabled;
      if (expiresAt !== undefined) change.expiresAt = checkExpiry(expiresAt, clock());
      if (endTokens) change.endTokens = true;
      done(await accounts.change(id, change, by, clock()), "user", name);
      return found(name);
    },
    async passwd(caller, name, password, current) {
      const by = mayManageOwn(caller, name);
      const { id } = await found(name);
      if (isSelf(caller, name)) {
        if (current === undefined)
          throw new AppError("account-invalid", 'say the current password too, as "current"');
        const proved = await parts.proves(name, current, caller.address);
        if (!proved) throw new AppError("denied", "the current password is wrong");
      }
      const passwordHash = await hashPassword(checkPassword(password, name));
      done(await accounts.change(id, { passwordHash }, by, clock()), "user", name);
    },
    async remove(caller, name) {
      const by = mayManage(caller);
      const { id } = await found(name);
      done(await accounts.remove(id, by, clock()), "user", name);
    },
  };
}

/** Adds a user. Throws account-invalid, account-exists. */
export async function addUser(
  { accounts, clock }: AccountParts,
  { name, password, admin, expiresAt }: NewUser,
  by: AuditActor,
): Promise<void> {
  checkName(name);
  const expiry = expiresAt === undefined ? undefined : checkExpiry(expiresAt, clock());
  const passwordHash = await hashPassword(checkPassword(password, name));
  const user = { kind: "user" as const, name, admin, passwordHash, rights: [], expiresAt: expiry };
  if ((await accounts.add(user, by, clock())) === "exists") throw exists(name);
}

export function exists(name: string): AppError {
  return new AppError("account-exists", `there is a user or robot ${name} already: choose another name`);
}

/** The account of that kind and name. Throws account-unknown. */
export async function findAccount(
  { accounts }: AccountParts,
  kind: AccountKind,
  name: string,
): Promise<Account> {
  const account = await accounts.byName(name);
  if (account?.kind === kind) return account;
  throw unknown(kind, name);
}

/** What became of a change, as an error where nothing did. */
export function done(outcome: boolean | "last-admin", kind: AccountKind, name: string): void {
  if (outcome === "last-admin")
    throw new AppError(
      "account-invalid",
      `${name} is the last admin who can sign in: make another one first`,
    );
  if (!outcome) throw unknown(kind, name);
}

function unknown(kind: AccountKind, name: string): AppError {
  return new AppError("account-unknown", `there is no ${kind} ${name.slice(0, 64)}`);
}
