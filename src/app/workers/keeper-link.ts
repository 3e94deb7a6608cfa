import { AppError } from "#core/errors.ts";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import { valueOf, type Outcome, type Submit } from "#adapters/sqlite/outcome.ts";
import type { FromKeeper, FromWorker, Snapshot } from "./messages.ts";

/** A worker's way to its keeper. */
export interface KeeperLink {
  /** Operations of one turn of the event loop travel as one message. */
  submit: Submit;
  /** Of all workers. */
  collect(of: Snapshot): Promise<unknown[]>;
  say(message: FromWorker): void;
}

interface Waiting {
  done(outcome: Outcome): void;
  failed(error: AppError): void;
}

/** @param send to the keeper. @param answer registers for its messages. @param lost registers for its end. */
export function createKeeperLink(
  send: (message: FromWorker) => void,
  answer: (listener: (message: FromKeeper) => void) => void,
  lost: (listener: () => void) => void,
): KeeperLink {
  let ops: Op[] = [];
  let gathering: Waiting[] = [];
  let id = 0;
  const operations = new Map<number, Waiting[]>();
  const collections = new Map<number, (snapshots: unknown[]) => void>();

  function flush(): void {
    id++;
    operations.set(id, gathering);
    send({ type: "operations", id, ops });
    ops = [];
    gathering = [];
  }

  answer((message) => {
    if (message.type === "outcomes") {
      const waiting = operations.get(message.id) ?? [];
      operations.delete(message.id);
      waiting.forEach(({ done }, i) => {
        done(message.outcomes[i] as Outcome);
      });
    } else if (message.type === "snapshots") {
      collections.get(message.id)?.(message.snapshots);
      collections.delete(message.id);
    }
  });
  lost(() => {
    const gone = new AppError("unavailable", "the server is stopping: try again in a moment", {
      retryAfter: 5,
    });
    for (const waiting of operations.values()) for (const { failed } of waiting) failed(gone);
    operations.clear();
  });

  return {
    say: send,
    submit: async (op) => {
      const outcome = await new Promise<Outcome>((done, failed) => {
        if (ops.length === 0) setImmediate(flush);
        ops.push(op);
        gathering.push({ done, failed });
      });
      return valueOf(outcome);
    },
    collect: (of) =>
      new Promise((resolve) => {
        id++;
        collections.set(id, resolve);
        send({ type: "collect", id, of });
      }),
  };
}
