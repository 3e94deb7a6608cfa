import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import { writeAuditLines } from "./audit-lines.ts";
import { scheduleAuditDrop } from "./audit-schedule.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";

/**
 * What one process does for the audit log of all: the lines file, where the config names one, and dropping
 * what is older than `audit.keep`. Throws storage-failed when the file can't be opened.
 * @param lines decides who writes the file; asked only of those that have one
 */
export async function keepAudit(
  audit: AuditLog,
  config: Config["audit"],
  upkeep: Upkeep,
  lines: () => Promise<Upkeep & AsyncDisposable>,
  log: Logger,
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  if (config.file !== undefined) {
    const turn = parts.use(await lines());
    parts.use(await writeAuditLines(audit, config.file, turn, log));
  }
  parts.use(scheduleAuditDrop(audit, config.keep, upkeep, log));
  return parts.move();
}
