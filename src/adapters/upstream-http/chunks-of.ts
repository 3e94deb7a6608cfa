import type { Readable } from "node:stream";

/**
 * A stream's chunks one by one, as they came. Its own iterator joins what is queued into new buffers, and at hundreds
 * of MiB a second those copies are most of what the garbage collector has to do.
 * @param most bytes that wait here; beyond, the stream is paused.
 */
export function chunksOf(body: Readable, most: number): AsyncIterator<Uint8Array, undefined> {
  const queue: Uint8Array[] = [];
  let queued = 0;
  let over: { error: unknown } | "end" | undefined;
  let waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;

  function settle(): void {
    if (waiting === undefined) return;
    const { resolve, reject } = waiting;
    const chunk = queue.shift();
    if (chunk !== undefined) {
      queued -= chunk.length;
      waiting = undefined;
      resolve({ done: false, value: chunk });
    } else if (over !== undefined) {
      waiting = undefined;
      if (over === "end") resolve({ done: true, value: undefined });
      else reject(over.error);
    }
  }
  function end(how: NonNullable<typeof over>): void {
    over ??= how;
    settle();
  }

  body.on("data", (chunk: Uint8Array) => {
    queue.push(chunk);
    queued += chunk.length;
    if (queued > most) body.pause();
    settle();
  });
  const cut = () => end({ error: body.errored ?? new Error("the answer ended before its end") });
  body.once("end", () => end("end"));
  body.once("error", (error) => end({ error }));
  body.once("close", cut);
  // Its events were before anybody listened.
  if (body.destroyed) cut();

  return {
    next() {
      if (queued <= most && body.isPaused()) body.resume();
      waiting = Promise.withResolvers();
      const { promise } = waiting;
      settle();
      return promise;
    },
    return() {
      body.destroy();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
