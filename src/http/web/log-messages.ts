import { isAdmin } from "#core/caller.ts";
import { checkEvery, streamReader } from "./stream-reader.ts";
import type { WebRequest } from "./web-request.ts";

/** ms of silence after which it is broken, so that proxies keep the connection. */
const heartbeat = 15_000;

/** Ends the reading of what only admins may see, once the reader is none any more. */
export function endWithRights(request: WebRequest): { signal: AbortSignal } & Disposable {
  const over = new AbortController();
  const reader = streamReader(request);
  const timer = setInterval(() => {
    reader().then(
      (caller) => {
        if (caller === undefined || !isAdmin(caller)) over.abort();
      },
      () => over.abort(),
    );
  }, checkEvery);
  timer.unref();
  return { signal: over.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Lines as events of a stream; "end" when the log itself came to its end, so whoever reads needn't come again. */
export async function* logMessages(
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]();
  let wake = () => {};
  const timer = setInterval(() => wake(), heartbeat);
  try {
    for (let next = iterator.next(); ;) {
      const silence = new Promise<undefined>((resolve) => (wake = () => resolve(undefined)));
      const line = await Promise.race([next, silence]);
      if (line === undefined) {
        yield ": it goes on\n\n";
        continue;
      }
      if (line.done === true) break;
      yield `data: ${JSON.stringify(line.value)}\n\n`;
      next = iterator.next();
    }
  } finally {
    clearInterval(timer);
  }
  if (!signal.aborted) yield "event: end\ndata: \n\n";
}
