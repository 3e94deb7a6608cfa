import { createLoginDelays } from "../login-delays.ts";

/** Attempts to sign in. They change memory only, and stay counted when a transaction is taken back. */
export function loginOperations() {
  const delays = createLoginDelays();
  return {
    loginAttempt: ({ account, address, now }: { account: string; address: string; now: number }): number =>
      delays.attempt(account, address, now),

    loginSucceeded({ account, address }: { account: string; address: string }): void {
      delays.succeeded(account, address);
    },
  };
}

export type LoginOperations = ReturnType<typeof loginOperations>;
