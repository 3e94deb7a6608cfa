import { Worker } from "node:worker_threads";
import { isPasswordHash } from "./password-hash.ts";
import type { QuietAnswer, QuietQuestion } from "./quiet-messages.ts";

/** Compares passwords with hashes in threads of low priority, so that floods of them slow nobody else down. */
export interface QuietVerifier extends AsyncDisposable {
  /**
   * Whether a password is the hashed one: argon2id or bcrypt, of which the first 72 bytes count. Throws an
   * error for a hash of an unknown format, which it doesn't repeat.
   */
  verify(hash: string, password: string): Promise<boolean>;
}

interface Thread {
  worker: Worker;
  waiting: Map<number, { done: (answer: QuietAnswer) => void; failed: (error: Error) => void }>;
}

/** @param most threads; each is made when it is needed first. One thread does one comparison at a time. */
export function createQuietVerifier(most: number): QuietVerifier {
  const threads = new Set<Thread>();
  let last = 0;

  function start(): Thread {
    const worker = new Worker(new URL(import.meta.resolve("#kit/quiet-thread.ts")));
    const thread: Thread = { worker, waiting: new Map() };
    // Nothing to compare: no reason to stay.
    worker.unref();
    worker.on("message", (answer: QuietAnswer) => {
      thread.waiting.get(answer.id)?.done(answer);
      thread.waiting.delete(answer.id);
      if (thread.waiting.size === 0) worker.unref();
    });
    const end = (error: Error) => {
      threads.delete(thread);
      for (const { failed } of thread.waiting.values()) failed(error);
      thread.waiting.clear();
    };
    worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => end(new Error("the thread that compares passwords ended")));
    threads.add(thread);
    return thread;
  }

  function leastBusy(): Thread {
    const [first] = [...threads].sort((a, b) => a.waiting.size - b.waiting.size);
    return first === undefined || (first.waiting.size > 0 && threads.size < most) ? start() : first;
  }

  return {
    async verify(hash, password) {
      if (!isPasswordHash(hash)) throw unknownFormat();
      const { worker, waiting } = leastBusy();
      const id = ++last;
      worker.ref();
      const { same } = await new Promise<QuietAnswer>((done, failed) => {
        waiting.set(id, { done, failed });
        worker.postMessage({ id, hash, password } satisfies QuietQuestion);
      });
      if (same === undefined) throw unknownFormat();
      return same;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function unknownFormat(): Error {
  return new Error("this password hash is neither argon2id nor bcrypt ($2a$, $2b$, $2y$)");
}
