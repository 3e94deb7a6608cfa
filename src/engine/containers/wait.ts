import type { ContainersParts } from "./parts.ts";
import { isRunning } from "./states.ts";
import type { WaitCondition, WaitResult } from "./waiters.ts";

/** Docker Engine API "ContainerWait": found and watching when it resolves. */
export function createWait({ book, waiters }: ContainersParts) {
  return async (
    ref: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): Promise<{ ended: Promise<WaitResult> }> => {
    const record = book.find(ref);
    const waits = isRunning(record) || record.state.status === "restarting" || condition !== "not-running";
    if (!waits) return { ended: Promise.resolve({ code: record.state.exitCode, error: undefined }) };
    const ended = waiters.add(record.id, condition, signal);
    // Whoever asked may have gone before anybody looks.
    ended.catch(() => undefined);
    return { ended };
  };
}
