import type { Logger } from "pino";
import { AppError } from "#core/errors.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import { LinesFile } from "#kit/lines-file.ts";
import { auditLine } from "#notify/audit-line.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";

const lookEvery = 1_000;
/** Rows read and written at a time; the reading holds up the event loop. */
const step = 500;

/**
 * Copies the audit table to a file as JSON lines, while it is our turn: what is new every second, the rest when
 * disposed. Each row at least once, in the order of the table: how far it came is remembered after the lines
 * are durable, and read again by the next whose turn it is.
 * @param file absolute. Throws storage-failed when it can't be opened; later faults are logged, and tried again.
 */
export async function writeAuditLines(
  audit: Pick<AuditLog, "list" | "written" | "setWritten">,
  file: string,
  turn: Upkeep,
  log: Logger,
): Promise<AsyncDisposable> {
  const lines = new LinesFile(file);
  await lines.open().catch((error: unknown) => {
    throw new AppError(
      "storage-failed",
      `audit.file ${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? "error"}): ` +
        `make its folder, and give this user the right to write there`,
      { cause: error },
    );
  });
  let written = 0;
  /** Whether `written` is how far the lines came: others may have written since. */
  let known = false;
  let running: Promise<void> | undefined;
  let failing = false;

  async function copy(): Promise<void> {
    try {
      if (!turn.mine()) return;
      if (!known) written = await audit.written();
      known = true;
      while (turn.mine()) {
        const rows = await audit.list({}, written, step);
        const last = rows.at(-1);
        if (last === undefined) break;
        await lines.append(rows.map(auditLine));
        await audit.setWritten(last.id);
        written = last.id;
        if (rows.length < step) break;
      }
      if (failing) log.info({ file }, "the audit file is written again");
      failing = false;
    } catch (err) {
      // Once, not every second.
      if (!failing)
        log.error({ err, file }, "the audit file can't be written; its lines wait in the database");
      failing = true;
    }
  }

  const run = () => (running ??= copy().finally(() => (running = undefined)));
  const begins = turn.whenMine(() => {
    known = false;
    void run();
  });
  const timer = setInterval(() => void run(), lookEvery);
  return {
    async [Symbol.asyncDispose]() {
      begins[Symbol.dispose]();
      clearInterval(timer);
      await running;
      await copy();
      await lines[Symbol.asyncDispose]();
    },
  };
}
