import type { IncomingMessage, ServerResponse } from "node:http";
import { isHeldBack } from "./continue.ts";

// How much of an unwanted body is still taken, so that the client gets to read the answer.
const drainBytes = 8 * 1024 * 1024;
const drainTime = 2_000;

/**
 * An answer that comes before the body's end: take a little more of the body, then cut the connection.
 * Cutting at once would reset it, and many clients would never see the answer. Where the connection
 * ends with the answer anyway, Node closes it right after, so the taking comes first: resolves when
 * the answer may go out.
 */
export async function leaveBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.complete || request.destroyed || response.destroyed) return;
  if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined)
    return;
  // Who wasn't told to send its body may send none: what comes next on the connection would be read as one.
  if (isHeldBack(request)) {
    response.shouldKeepAlive = false;
    return;
  }
  const taken = takeSome(request);
  if (!response.shouldKeepAlive) await taken;
  else
    void taken.then((whole) => {
      if (!whole) request.destroy();
    });
}

/** Reads on, bounded in bytes and time. True when the body came to its end. */
function takeSome(request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    let left = drainBytes;
    const timer = setTimeout(done, drainTime, false);
    function done(whole: boolean): void {
      clearTimeout(timer);
      resolve(whole);
    }
    request.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done(false);
    });
    request.once("end", () => {
      done(true);
    });
    request.on("error", () => {
      done(false);
    });
    request.once("close", () => {
      done(request.complete);
    });
    request.resume();
  });
}
