import type { Logger } from "pino";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";

const dropEvery = 3_600_000;

/**
 * Drops expired tokens and secrets when the upkeep becomes ours and every hour. They are refused anyway; this keeps the
 * table small.
 */
export function scheduleSecretExpiry(
  accounts: Pick<Accounts, "dropExpiredSecrets">,
  upkeep: Upkeep,
  log: Logger,
): AsyncDisposable {
  let running: Promise<void> | undefined;

  async function drop(): Promise<void> {
    try {
      await accounts.dropExpiredSecrets(Date.now());
    } catch (err) {
      log.error({ err }, "dropping expired secrets failed; the next run tries again");
    }
  }

  const run = () => {
    if (upkeep.mine()) running ??= drop().finally(() => (running = undefined));
  };
  const begins = upkeep.whenMine(run);
  const timer = setInterval(run, dropEvery);
  return {
    async [Symbol.asyncDispose]() {
      begins[Symbol.dispose]();
      clearInterval(timer);
      await running;
    },
  };
}
