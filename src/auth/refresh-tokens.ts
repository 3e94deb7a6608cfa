import { actorOf } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Accounts } from "#core/metadata/accounts.ts";
import { hashSecret, newSecret } from "#kit/secrets.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Credentials } from "./credentials.ts";
import { isSecretText, prefixes } from "./secret-text.ts";

export interface RefreshTokens {
  /**
   * A refresh token for an account that proved itself at `at` (ms) with its password. Undefined for all
   * others: robots' secrets and personal tokens can themselves be kept and ended, and it would outlive them.
   */
  make(who: Authenticated, caller: Caller, label: string, at: number): Promise<string | undefined>;
  /** Whose it is. Throws unauthenticated, in one wording, for one that is unknown, expired or ended. */
  redeem(token: string): Promise<Authenticated>;
}

export interface RefreshTokensParts {
  accounts: Pick<Accounts, "addSecret" | "secret" | "secrets" | "removeSecret">;
  credentials: Pick<Credentials, "live">;
  /** ms. */
  lifetime: () => number;
  /** ms since the epoch. */
  clock: () => number;
}

/** Of one account; the oldest end when there are more. */
const mostOfOne = 100;
const longestLabel = 64;

export function createRefreshTokens({
  accounts,
  credentials,
  lifetime,
  clock,
}: RefreshTokensParts): RefreshTokens {
  async function endOldest(accountId: number, caller: Caller): Promise<void> {
    const refreshing = (await accounts.secrets(accountId)).filter(({ kind }) => kind === "refresh");
    for (const { id } of refreshing.slice(mostOfOne))
      await accounts.removeSecret(id, actorOf(caller, "oldest refresh token"), clock());
  }

  return {
    async make({ accountId, secretId }, caller, label, at) {
      if (accountId === undefined || secretId !== undefined) return undefined;
      const text = newSecret(prefixes.refresh);
      const now = clock();
      const added = await accounts.addSecret(
        {
          accountId,
          kind: "refresh",
          hash: hashSecret(text),
          label: label.replace(/\p{Cc}/gu, "").slice(0, longestLabel) || "unknown client",
          limits: undefined,
          expiresAt: now + lifetime(),
        },
        actorOf(caller, "own account"),
        now,
      );
      if (added === "no-account") throw ended();
      // The password may have been changed while it was checked; what that ended must not come back.
      if ((await credentials.live(accountId, added, at)) === undefined) {
        await accounts.removeSecret(added, actorOf(caller, "own account"), clock());
        throw ended();
      }
      await endOldest(accountId, caller);
      return text;
    },
    async redeem(token) {
      const now = clock();
      const secret = isSecretText(token) ? await accounts.secret(hashSecret(token)) : undefined;
      if (secret?.kind !== "refresh" || (secret.expiresAt !== undefined && secret.expiresAt <= now))
        throw ended();
      const identity = await credentials.live(secret.accountId, secret.id, now);
      if (identity === undefined) throw ended();
      return { identity, accountId: secret.accountId, secretId: secret.id, limits: secret.limits };
    },
  };
}

function ended(): AppError {
  return new AppError("unauthenticated", "the refresh token is not valid, or not any more: sign in again");
}
