import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { within } from "#kit/within.ts";
import { parseSignal } from "../signals.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import type { RunTable } from "./run-table.ts";
import { saveIfRoom } from "./save-if-room.ts";
import type { Start } from "./start.ts";
import { isRunning } from "./states.ts";

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
  const { book, runtime, waiters, events } = parts;

  /** Whether its end came within so many ms. */
  async function endsWithin(over: Promise<void>, time: number): Promise<boolean> {
    const ended = over.then(() => true as const);
    return time === Infinity ? ended : (await within(ended, Math.min(time, 2 ** 31 - 1))) === true;
  }

  async function end(
    record: ContainerRecord,
    timeout: number | undefined,
    signal: string | undefined,
  ): Promise<void> {
    const { id, config } = record;
    const first = parseSignal(signal ?? config.StopSignal ?? "TERM");
    const seconds = timeout ?? config.StopTimeout ?? standardTimeout;
    // Of this run: another one may begin meanwhile.
    const { over } = runs.of(id);
    const killed = (number: number, all = false) => {
      emitContainer(events, record, "kill", { signal: String(number) });
      return runtime.signal(id, number, all);
    };
    await killed(first);
    await thaw(record);
    if (await endsWithin(over, seconds < 0 ? Infinity : seconds * 1000)) return;
    await killed(signalKill, true);
    if (!(await endsWithin(over, patience)))
      throw new AppError(
        "engine-failed",
        `container ${id} doesn't end though it was killed: see its processes with docker top`,
      );
  }

  /** A frozen process can't answer a signal. */
  async function thaw({ id, state }: ContainerRecord): Promise<void> {
    if (state.status !== "paused") return;
    await book.locked(id, async () => {
      const record = book.get(id);
      if (record?.state.status !== "paused") return;
      await runtime.resume(id);
      record.state.status = "running";
      emitContainer(events, record, "unpause");
    });
  }

  /** One that only waits for its next start has nothing to stop. */
  async function cancelRestart(record: ContainerRecord): Promise<boolean> {
    return book.locked(record.id, async () => {
      if (record.state.status !== "restarting") return false;
      clearTimeout(runs.of(record.id).restart);
      record.state.status = "exited";
      record.stoppedByHand = true;
      waiters.ended(record.id, record.state.exitCode);
      await saveIfRoom(parts, record, true);
      return true;
    });
  }

  function found(ref: string): ContainerRecord {
    try {
      return book.find(ref);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, `Cannot kill container: ${ref}: ${error.message}`);
    }
  }

  return {
    async stop(ref, timeout, signal) {
      const record = book.find(ref);
      if (signal !== undefined) parseSignal(signal);
      if (record.state.status === "restarting" && (await cancelRestart(record))) return;
      if (!isRunning(record)) throw new AppError("engine-unchanged", `Container ${ref} is not running`);
      record.stoppedByHand = true;
      await saveIfRoom(parts, record, true);
      await end(record, timeout, signal);
      emitContainer(events, record, "stop");
    },

    async restart(ref, timeout, signal) {
      const record = book.find(ref);
      const notes = runs.of(record.id);
      if (signal !== undefined) parseSignal(signal);
      notes.restarting++;
      try {
        if (!(await cancelRestart(record)) && isRunning(record)) await end(record, timeout, signal);
        await start.start(record.id).catch((error: unknown) => {
          if (!(error instanceof AppError && error.code === "engine-unchanged")) throw error;
        });
      } finally {
        notes.restarting--;
      }
      emitContainer(events, record, "restart");
    },

    async kill(ref, signal) {
      const record = found(ref);
      const number = parseSignal(signal === undefined || signal === "" ? "KILL" : signal);
      const ends = number === signalKill || number === parseSignal(record.config.StopSignal ?? "TERM");
      if (ends && record.state.status === "restarting" && (await cancelRestart(record))) return;
      if (!isRunning(record))
        throw new AppError(
          "engine-conflict",
          `Cannot kill container: ${ref}: Container ${record.id} is not running`,
        );
      const { over } = runs.of(record.id);
      if (ends) {
        record.stoppedByHand = true;
        await saveIfRoom(parts, record, false);
      }
      emitContainer(events, record, "kill", { signal: String(number) });
      await runtime.signal(record.id, number, number === signalKill);
      if (ends && number !== signalKill) await thaw(record);
      if (number === signalKill) await endsWithin(over, patience);
    },
  };
}
