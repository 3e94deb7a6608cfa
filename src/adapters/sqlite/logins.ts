import type { Logins } from "#core/metadata/logins.ts";
import type { Mutate } from "./access.ts";

/** Logins of the seam: all of it is the writer's. */
export function sqliteLogins(mutate: Mutate): Logins {
  return {
    attempt: (account, address, now) => mutate("loginAttempt", { account, address, now }),
    succeeded: (account, address) => mutate("loginSucceeded", { account, address }),
  };
}
