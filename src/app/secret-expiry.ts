import type { Logger } from "pino";
import type { Accounts } from "#core/metadata/accounts.ts";

const dropEvery = 3_600_000;

/** Drops expired tokens and secrets now and every hour. They are refused anyway; this keeps the table small. */
export function scheduleSecretExpiry(
  accounts: Pick<Accounts, "dropExpiredSecrets">,
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
    running ??= drop().finally(() => (running = undefined));
  };
  run();
  const timer = setInterval(run, dropEvery);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
