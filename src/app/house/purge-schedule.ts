import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { createLivedTime } from "#maintenance/gc/lived-time.ts";
import type { Uploads } from "#registry/uploads.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import { whileMine } from "../servers/while-mine.ts";

/** Ends forgotten uploads when the upkeep becomes ours and every uploads.purge_interval; one run at a time. */
export function schedulePurge(
  uploads: Pick<Uploads, "purge">,
  config: Config["uploads"],
  upkeep: Upkeep,
  log: Logger,
): AsyncDisposable {
  // A clock that is set forward makes no upload old.
  const lived = createLivedTime(Date.now);
  async function purge(): Promise<void> {
    try {
      const ended = await uploads.purge(lived.now()(config.expire_after));
      if (ended > 0) log.info({ ended }, "stale uploads purged");
    } catch (err) {
      log.error({ err }, "purging stale uploads failed; the next run tries again");
    }
  }
  return whileMine(upkeep, config.purge_interval, purge);
}
