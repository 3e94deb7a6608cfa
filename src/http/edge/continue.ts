import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";

/** Requests whose client waits to be told that its body is wanted (Expect: 100-continue), and nobody has told it yet. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Clients that ask whether their body is wanted are told so when it is read, so that what is refused by its headers is
 * refused before its bytes come. For the registry's API alone; others are told at once.
 */
export function holdContinue(server: Server, handler: RequestListener): void {
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith("/v2/") === true) waiting.set(request, response);
    else response.writeContinue();
    handler(request, response);
  });
}

/** The body is about to be read. */
export function askForBody(request: IncomingMessage): void {
  const response = waiting.get(request);
  if (response === undefined) return;
  waiting.delete(request);
  if (!response.headersSent && !response.destroyed) response.writeContinue();
}

/** Whether the client still holds its body back. */
export function isHeldBack(request: IncomingMessage): boolean {
  return waiting.has(request);
}
