import type { Caller, Right } from "#core/caller.ts";
import type { Account, Group, Secret } from "#core/metadata/accounts.ts";
import type { Page } from "#core/metadata/repositories.ts";
import type { Context } from "#http/edge/context.ts";

/** What the accounts' API calls. Times are ms; every call throws denied for whoever may not. */
export interface ApiNeeds {
  /** Who asks. Throws unauthenticated (with the challenge set) for nobody and for wrong credentials. */
  identify(ctx: Context): Promise<Caller>;
  users: {
    list(caller: Caller, page: Page): Promise<Account[]>;
    get(caller: Caller, name: string): Promise<Account>;
    add(
      caller: Caller,
      user: { name: string; password: string; admin: boolean; expiresAt: number | undefined },
    ): Promise<Account>;
    change(
      caller: Caller,
      name: string,
      change: { admin?: boolean; enabled?: boolean; expiresAt?: number | "never"; endTokens?: true },
    ): Promise<Account>;
    passwd(caller: Caller, name: string, password: string, current: string | undefined): Promise<void>;
    remove(caller: Caller, name: string): Promise<void>;
  };
  robots: {
    list(caller: Caller, page: Page): Promise<Account[]>;
    get(caller: Caller, name: string): Promise<Account>;
    add(
      caller: Caller,
      robot: { name: string; rights: readonly Right[]; expiresAt: number | "never" | undefined },
    ): Promise<{ robot: Account; secret: string }>;
    change(
      caller: Caller,
      name: string,
      change: { enabled?: boolean; rights?: readonly Right[]; expiresAt?: number | "never" },
    ): Promise<Account>;
    renewSecret(caller: Caller, name: string): Promise<string>;
    remove(caller: Caller, name: string): Promise<void>;
  };
  groups: {
    list(caller: Caller): Promise<Group[]>;
    get(caller: Caller, name: string): Promise<Group>;
    add(caller: Caller, name: string): Promise<Group>;
    remove(caller: Caller, name: string): Promise<void>;
    join(caller: Caller, group: string, account: string): Promise<void>;
    leave(caller: Caller, group: string, account: string): Promise<void>;
  };
  tokens: {
    list(caller: Caller, user: string): Promise<Secret[]>;
    add(
      caller: Caller,
      user: string,
      token: { label: string; limits: readonly Right[] | undefined; expiresAt: number | "never" | undefined },
    ): Promise<{ token: Secret; secret: string }>;
    remove(caller: Caller, id: number): Promise<void>;
  };
}
