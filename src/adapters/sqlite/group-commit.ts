import { AppError } from "#core/errors.ts";
import type { Op } from "./operations/operations.ts";
import { failure, valueOf, type Outcome, type Submit } from "./outcome.ts";
import type { Writer } from "./writer.ts";

export interface GroupCommit extends Disposable {
  /** For this process: one operation. */
  readonly submit: Submit;
  /** For operations that come from other processes: never rejects, outcomes in the order of `ops`. */
  readonly submitBatch: (ops: readonly Op[]) => Promise<Outcome[]>;
}

interface Waiting {
  op: Op;
  done: (outcome: Outcome) => void;
}

/** Operations in one transaction at most; bounds how long one batch holds up the event loop. */
const largestBatch = 512;

/**
 * Gathers the operations of one turn of the event loop, from wherever they come, into one batch of the
 * writer: requests that arrive together share one fsync, and while that runs the next batch gathers in
 * the sockets. Disposing applies what waits; later operations fail with "unavailable".
 */
export function groupCommit(writer: Writer): GroupCommit {
  let waiting: Waiting[] = [];
  let turn: NodeJS.Immediate | undefined;
  let closed = false;

  function applyBatch(): void {
    turn = undefined;
    const batch = waiting.splice(0, largestBatch);
    if (waiting.length > 0) turn = setImmediate(applyBatch);
    const outcomes = writer.apply(batch.map(({ op }) => op));
    batch.forEach(({ done }, i) => {
      done(outcomes[i] ?? failure(new AppError("storage-failed", "The metadata writer gave no answer.")));
    });
  }

  function enqueue(op: Op): Promise<Outcome> {
    if (closed) {
      return Promise.resolve(
        failure(new AppError("unavailable", "The server is stopping. Try again later.")),
      );
    }
    return new Promise((done) => {
      waiting.push({ op, done });
      turn ??= setImmediate(applyBatch);
    });
  }

  return {
    submit: async (op) => valueOf(await enqueue(op)),
    submitBatch: (ops) => Promise.all(ops.map(enqueue)),
    [Symbol.dispose]() {
      closed = true;
      while (waiting.length > 0) applyBatch();
      if (turn) clearImmediate(turn);
      waiting = [];
    },
  };
}
