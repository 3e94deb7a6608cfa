import { pause } from "#http/edge/pause.ts";
import type { WebRequest } from "./web-request.ts";

/** ms between two looks, and after which silence is broken, so that proxies keep the connection. */
const every = 1_000;
const heartbeat = 15_000;
/** ms between two looks at whether the person may still look on. */
const checkEvery = 5_000;
/** A token or password is looked at again with the connection that follows, after so long at most. */
const longest = 300_000;

/** What goes on, as events of a stream: a message when something changed. Ends with the session. */
export async function* liveMessages(request: WebRequest, signal: AbortSignal): AsyncGenerator<string> {
  const { ctx, needs, caller, session } = request;
  const explicit = ctx.req.headers.authorization !== undefined;
  const began = performance.now();
  let checked = began;
  let said = began;
  let before = "";
  while (!signal.aborted) {
    const now = performance.now();
    if (explicit && now - began > longest) return;
    if (session !== undefined && now - checked >= checkEvery) {
      if ((await needs.callers.session(ctx, "unused")) === undefined) return;
      checked = now;
    }
    const text = JSON.stringify(await needs.house.activity(caller));
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
