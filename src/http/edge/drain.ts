import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "./listen.ts";

export interface Drainable {
  handler: RequestListener;
  /**
   * Closes the servers: no new connections, idle ones closed, running requests get `timeout` ms to end,
   * then their connections are broken off and their handlers get a moment to record what came.
   */
  drain(listeners: readonly Listener[], timeout: number): Promise<void>;
}

const afterCut = 5_000;
const look = 25;

/** @param handle koa's callback: resolves when the request was answered or given up. */
export function drainable(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Drainable {
  let running = 0;
  let draining = false;
  return {
    handler(request, response) {
      if (draining) response.shouldKeepAlive = false;
      running++;
      void handle(request, response).finally(() => {
        running--;
      });
    },
    async drain(listeners, timeout) {
      draining = true;
      const closed = Promise.all(
        listeners.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))),
      );
      await untilIdle(listeners, timeout);
      for (const listener of listeners) listener.cut();
      await untilIdle(listeners, afterCut);
      await closed;
    },
  };

  async function untilIdle(listeners: readonly Listener[], timeout: number): Promise<void> {
    const end = Date.now() + timeout;
    while (running > 0 && Date.now() < end) {
      for (const { server } of listeners) server.closeIdleConnections();
      await sleep(look);
    }
  }
}
