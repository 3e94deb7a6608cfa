import type { Logger } from "pino";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import { whileMine } from "../servers/while-mine.ts";

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
  async function drop(): Promise<void> {
    try {
      await accounts.dropExpiredSecrets(Date.now());
    } catch (err) {
      log.error({ err }, "dropping expired secrets failed; the next run tries again");
    }
  }

  return whileMine(upkeep, dropEvery, drop);
}
