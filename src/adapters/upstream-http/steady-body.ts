import type { Readable } from "node:stream";
import { chunksOf } from "./chunks-of.ts";
import { failed, networkFault, type Asked } from "./network-fault.ts";

/** Bytes a second; what comes slower for a while isn't worth waiting for. */
const slowest = 1024;
const longestWindow = 60_000;
/** Bytes that wait for who reads. */
const ahead = 512 * 1024;

/**
 * A body's chunks, to be read once. Throws upstream-failed when it breaks off, is silent for `timeout` ms (which the
 * connection sees to), or trickles; only the time spent waiting for the upstream counts. Leaving the loop ends the
 * connection.
 */
export function steadyBody(
  body: Readable,
  { asked, host, timeout, signal }: { asked: Asked; host: string; timeout: number; signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  const window = Math.min(longestWindow, timeout * 2);
  let waited = 0;
  let came = 0;

  // No generator: one that was never begun can't be told that it isn't wanted.
  return {
    [Symbol.asyncIterator]() {
      const chunks = chunksOf(body, ahead);
      return {
        async next() {
          const began = performance.now();
          try {
            const result = await chunks.next();
            if (result.done === true) return result;
            waited += performance.now() - began;
            came += result.value.length;
            if (waited >= window) {
              if (came < (slowest * waited) / 1000)
                throw failed(asked, `${host} sends less than ${slowest} bytes a second`);
              waited = 0;
              came = 0;
            }
            return result;
          } catch (error) {
            body.destroy();
            if (signal.aborted) throw signal.reason;
            throw networkFault(asked, host, error);
          }
        },
        async return() {
          body.destroy();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
