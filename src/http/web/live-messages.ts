import { pause } from "#http/edge/pause.ts";
import { streamReader } from "./stream-reader.ts";
import type { WebRequest } from "./web-request.ts";

/** ms between two looks, and after which silence is broken, so that proxies keep the connection. */
const every = 1_000;
const heartbeat = 15_000;

/** What goes on, as events of a stream: a message when something changed. Ends with the session. */
export async function* liveMessages(request: WebRequest, signal: AbortSignal): AsyncGenerator<string> {
  const reader = streamReader(request);
  let said = performance.now();
  let before = "";
  while (!signal.aborted) {
    const caller = await reader();
    if (caller === undefined) return;
    const now = performance.now();
    const text = JSON.stringify(await request.needs.house.activity(caller));
    if (text !== before) {
      before = text;
      said = now;
      yield `data: ${text}\n\n`;
    } else if (now - said >= heartbeat) {
      said = now;
      yield ": it goes on\n\n";
    }
    await pause(every, signal);
  }
}
