import type { Accounts } from "#core/metadata/accounts.ts";

/** What the management of accounts works with. */
export interface AccountParts {
  accounts: Accounts;
  /** Whether it is the user's password; too-many-attempts as at sign-in. */
  proves: (name: string, password: string, address: string) => Promise<boolean>;
  /** ms since the epoch. */
  clock: () => number;
}
