import type { AuditActor } from "../audit.ts";
import type { Right } from "../caller.ts";

/**
 * Users, robots, groups and their secrets. Names of users and robots are one namespace. Each change is
 * one transaction, raises `version` and writes its audit row; a secret itself is never stored, only hashes.
 */
export interface Accounts {
  /** Grows with every change: what was read at one version holds while the version stays. Cheap. */
  version(): Promise<number>;

  byName(name: string): Promise<Account | undefined>;
  byId(id: number): Promise<Account | undefined>;
  /** By name, bytewise, after `last`. */
  list(kind: AccountKind, page: { limit: number; last: string | undefined }): Promise<Account[]>;
  /** Whether any admin is there. */
  hasAdmin(): Promise<boolean>;

  /** The new account's id, or "exists" when the name is taken (by a user or robot). */
  add(account: NewAccount, by: AuditActor, now: number): Promise<number | "exists">;
  /**
   * Changes what is given; a new passwordHash also ends all tokens of the account. False: no such account.
   * "last-admin": nobody would be left who is admin, enabled and doesn't expire; nothing was changed.
   */
  change(id: number, change: AccountChange, by: AuditActor, now: number): Promise<boolean | "last-admin">;
  /** Removes the account, its memberships and secrets. Its id is never given again. */
  remove(id: number, by: AuditActor, now: number): Promise<boolean | "last-admin">;

  groups(): Promise<Group[]>;
  addGroup(name: string, by: AuditActor, now: number): Promise<"added" | "exists">;
  /** Removes the group and every membership. */
  removeGroup(name: string, by: AuditActor, now: number): Promise<boolean>;
  join(
    group: string,
    accountId: number,
    by: AuditActor,
    now: number,
  ): Promise<"joined" | "no-group" | "no-account">;
  leave(group: string, accountId: number, by: AuditActor, now: number): Promise<boolean>;

  /** A robot has one secret: a new one ends the old one. */
  addSecret(secret: NewSecret, by: AuditActor, now: number): Promise<number | "no-account">;
  /** By its hash, with its account; expired ones too (the caller compares). */
  secret(hash: string): Promise<Secret | undefined>;
  secretById(id: number): Promise<Secret | undefined>;
  /** Secrets of an account, newest first. */
  secrets(accountId: number): Promise<Secret[]>;
  removeSecret(id: number, by: AuditActor, now: number): Promise<boolean>;
  /** Removes secrets that expired before `now`; how many. */
  dropExpiredSecrets(now: number): Promise<number>;
}

export type AccountKind = "user" | "robot";

export interface NewAccount {
  kind: AccountKind;
  name: string;
  admin: boolean;
  /** PHC string (argon2id, bcrypt); undefined: no password (robots). */
  passwordHash: string | undefined;
  /** Robots: what they may do beside the policy's rules. */
  rights: readonly Right[];
  /** ms; undefined: never. */
  expiresAt: number | undefined;
}

export interface Account extends NewAccount {
  id: number;
  enabled: boolean;
  createdAt: number;
  /** Names of its groups, sorted. */
  groups: string[];
  /**
   * Access tokens issued before (ms, compared to `iat`) are refused. When it was made, so that tokens of an account
   * that had this id before a restore are nobody's; raised by passwd and by "log out everywhere".
   */
  tokensFrom: number;
}

export interface AccountChange {
  passwordHash?: string;
  admin?: boolean;
  enabled?: boolean;
  rights?: readonly Right[];
  expiresAt?: number | undefined;
  /** Ends all access tokens that are out, and removes all refresh tokens. */
  endTokens?: true;
}

export interface Group {
  name: string;
  /** Names of the accounts in it, sorted. */
  members: string[];
  createdAt: number;
}

export interface NewSecret {
  accountId: number;
  /** `robot`: its one login secret. `personal`: a user's token, used as password. `refresh`: of offline_token. */
  kind: "robot" | "personal" | "refresh";
  /** SHA-256 of the secret, hex: secrets are 256 random bits, so a slow hash would add nothing. */
  hash: string;
  /** For people: what it is for, or which client got it. */
  label: string;
  /** Narrower than the account; undefined: all that the account may. */
  limits: readonly Right[] | undefined;
  expiresAt: number | undefined;
}

export interface Secret extends NewSecret {
  id: number;
  createdAt: number;
}
