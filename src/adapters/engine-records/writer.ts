import type Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import { recordsFault } from "./faults.ts";

export interface Writer extends Disposable {
  /** Applies `change` in the transaction of this turn of the event loop; order is kept. */
  write(change: () => void, lasting: boolean): Promise<void>;
}

interface Waiting {
  change: () => void;
  done(): void;
  failed(error: unknown): void;
}

/**
 * Changes of one turn of the event loop as one transaction, so with one fsync at most: containers that are made
 * together share it. Disposing applies what waits.
 */
export function createWriter(db: Database.Database): Writer {
  let waiting: Waiting[] = [];
  let lastingOne = false;
  let turn: NodeJS.Immediate | undefined;
  let closed = false;
  let full = false;
  /** Whether something was committed that the disk may not have. */
  let unsynced = true;
  const dirty = db.prepare("UPDATE lasting_writes SET count = count + 1");
  const apply = db.transaction((changes: readonly Waiting[], lasting: boolean) => {
    for (const { change } of changes) change();
    // SQLite writes, and so syncs, nothing when the record is there already: of a commit that may still get lost.
    if (lasting && unsynced) dirty.run();
  });

  function flush(): void {
    const batch = waiting;
    const lasting = lastingOne;
    waiting = [];
    lastingOne = false;
    turn = undefined;
    if (batch.length === 0) return;
    try {
      if (lasting !== full) {
        // In WAL mode NORMAL never syncs at a commit: the kernel has it, so the death of this process does no harm.
        db.pragma(`synchronous = ${lasting ? "FULL" : "NORMAL"}`);
        full = lasting;
      }
      apply(batch, lasting);
      unsynced = !lasting;
    } catch (error) {
      const fault = recordsFault("The engine's records couldn't be written", error);
      for (const { failed } of batch) failed(fault);
      return;
    }
    for (const { done } of batch) done();
  }

  db.pragma("synchronous = NORMAL");
  return {
    write(change, lasting) {
      if (closed) return Promise.reject(new AppError("unavailable", "The engine is stopping."));
      return new Promise((done, failed) => {
        waiting.push({ change, done, failed });
        lastingOne ||= lasting;
        turn ??= setImmediate(flush);
      });
    },
    [Symbol.dispose]() {
      closed = true;
      if (turn) clearImmediate(turn);
      flush();
    },
  };
}
