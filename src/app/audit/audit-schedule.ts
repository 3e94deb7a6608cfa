import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import { whileMine } from "../servers/while-mine.ts";

const day = 86_400_000;
/** Rows of one transaction, and the time for others between two, ms. */
const step = 1_000;
const breath = 50;

/** Drops audit rows older than `keep` ms, when the upkeep becomes ours and every day, a step at a time. */
export function scheduleAuditDrop(
  audit: Pick<AuditLog, "drop">,
  keep: number,
  upkeep: Upkeep,
  log: Logger,
): AsyncDisposable {
  async function drop(signal: AbortSignal): Promise<void> {
    const before = Date.now() - keep;
    let dropped = 0;
    try {
      for (;;) {
        const went = await audit.drop(before, step);
        dropped += went;
        if (went < step || signal.aborted || !upkeep.mine()) break;
        await pause(breath, undefined, { signal });
      }
    } catch (err) {
      if (!signal.aborted) log.error({ err }, "dropping old audit entries failed; tomorrow again");
    }
    if (dropped > 0) log.info({ dropped }, "old audit entries dropped");
  }

  return whileMine(upkeep, day, drop);
}
