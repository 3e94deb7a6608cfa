import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { parseSignal } from "../signals.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import type { RunTable } from "./run-table.ts";
import type { Start } from "./start.ts";
import { isRunning, mustRun } from "./states.ts";

const signalKill = 9;
const standardTimeout = 10;
/** How long the end of a killed process is waited for, ms: one in the kernel can't be killed. */
const patience = 20_000;

export interface Stop {
  stop(ref: string, timeout: number | undefined, signal: string | undefined): Promise<void>;
  restart(ref: string, timeout: number | undefined, signal: string | undefined): Promise<void>;
  kill(ref: string, signal: string | undefined): Promise<void>;
}

export function createStop(parts: ContainersParts, runs: RunTable, start: Start): Stop {
  const { book, runtime, events } = parts;

  /** Whether its end came within so many ms. */
  async function endsWithin(record: ContainerRecord, time: number): Promise<boolean> {
    const { over } = runs.of(record.id);
    if (time === Infinity) {
      await over;
      return true;
    }
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), Math.min(time, 2 ** 31 - 1));
    const inTime = await Promise.race([over.then(() => true), late.promise]);
    clearTimeout(timer);
    return inTime;
  }

  async function end(
    record: ContainerRecord,
    timeout: number | undefined,
    signal: string | undefined,
  ): Promise<void> {
    const { id, config } = record;
    const first = parseSignal(signal ?? config.StopSignal ?? "TERM");
    const seconds = timeout ?? config.StopTimeout ?? standardTimeout;
    const killed = (number: number, all = false) => {
      emitContainer(events, record, "kill", { signal: String(number) });
      return runtime.signal(id, number, all);
    };
    await killed(first);
    // A frozen process can't answer a signal.
    if (record.state.status === "paused") await runtime.resume(id);
    if (await endsWithin(record, seconds < 0 ? Infinity : seconds * 1000)) return;
    await killed(signalKill, true);
    if (!(await endsWithin(record, patience)))
      throw new AppError(
        "engine-failed",
        `container ${id} doesn't end though it was killed: see its processes with docker top`,
      );
  }

  /** One that only waits for its next start has nothing to stop. */
  async function cancelRestart(record: ContainerRecord): Promise<boolean> {
    return book.locked(record.id, async () => {
      if (record.state.status !== "restarting") return false;
      clearTimeout(runs.of(record.id).restart);
      record.state.status = "exited";
      record.stoppedByHand = true;
      await book.save(record, true);
      return true;
    });
  }

  return {
    async stop(ref, timeout, signal) {
      const record = book.find(ref);
      if (signal !== undefined) parseSignal(signal);
      if (record.state.status === "restarting" && (await cancelRestart(record))) return;
      if (!isRunning(record)) throw new AppError("engine-unchanged", `Container ${ref} is not running`);
      record.stoppedByHand = true;
      await book.save(record, true);
      await end(record, timeout, signal);
      emitContainer(events, record, "stop");
    },

    async restart(ref, timeout, signal) {
      const record = book.find(ref);
      const notes = runs.of(record.id);
      if (signal !== undefined) parseSignal(signal);
      notes.restarting = true;
      try {
        if (!(await cancelRestart(record)) && isRunning(record)) await end(record, timeout, signal);
        await start.start(record.id).catch((error: unknown) => {
          if (!(error instanceof AppError && error.code === "engine-unchanged")) throw error;
        });
      } finally {
        notes.restarting = false;
      }
      emitContainer(events, record, "restart");
    },

    async kill(ref, signal) {
      const record = book.find(ref);
      const number = parseSignal(signal === undefined || signal === "" ? "KILL" : signal);
      if (!isRunning(record))
        throw new AppError(
          "engine-conflict",
          `Cannot kill container: ${ref}: Container ${record.id} is not running`,
        );
      mustRun(record);
      if (number === signalKill || number === parseSignal(record.config.StopSignal ?? "TERM")) {
        record.stoppedByHand = true;
        await book.save(record, false);
      }
      emitContainer(events, record, "kill", { signal: String(number) });
      await runtime.signal(record.id, number, number === signalKill);
      if (number === signalKill) await endsWithin(record, patience);
    },
  };
}
