import type { IncomingMessage, ServerResponse } from "node:http";

// How much of an unwanted body is still taken, so that the client gets to read the answer.
const drainBytes = 8 * 1024 * 1024;
const drainTime = 5_000;

/**
 * An answer that comes before the body's end: read on for a little while, then cut the connection.
 * Cutting at once would reset it, and many clients would never see the answer.
 */
export function leaveBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed) return;
  if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined)
    return;
  let left = drainBytes;
  const cut = () => {
    request.destroy();
  };
  const timer = setTimeout(cut, drainTime);
  timer.unref();
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  request.on("error", () => undefined);
  request.once("end", () => {
    clearTimeout(timer);
  });
  response.once("close", () => {
    if (request.complete) clearTimeout(timer);
  });
  request.resume();
}
