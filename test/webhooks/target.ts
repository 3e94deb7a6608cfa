import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface Received {
  headers: IncomingHttpHeaders;
  path: string;
  body: string;
}

export interface DistributionEvent {
  id: string;
  timestamp: string;
  action: string;
  target: Record<string, unknown>;
  request: Record<string, unknown>;
  actor: { name?: string };
  source: { addr: string; instanceID: string };
}

/** What a request is answered with; it may as well never answer. */
export type Behaviour = (answer: ServerResponse, received: Received) => void;

export interface Target extends AsyncDisposable {
  url: string;
  /** Every request, in its order. */
  requests: Received[];
  /** Those that were answered with 2xx to the end. */
  taken: Received[];
  behave(next: Behaviour): void;
  /** Of what was taken, in the order of arrival, each as often as it came. */
  events(): DistributionEvent[];
}

export const takes: Behaviour = (answer) => answer.writeHead(204).end();
export const fails: Behaviour = (answer) => answer.writeHead(500).end("no");
export const hangs: Behaviour = () => undefined;

/** A target on a port of this machine. @param tls of its certificate, in PEM */
export async function startTarget(
  first: Behaviour = takes,
  tls?: { cert: string; key: string },
): Promise<Target> {
  const requests: Received[] = [];
  const taken: Received[] = [];
  let behave = first;
  const listener: RequestListener = (request, answer) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const received = {
        headers: request.headers,
        path: request.url ?? "",
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(received);
      answer.on("finish", () => {
        if (answer.statusCode < 300) taken.push(received);
      });
      behave(answer, received);
    })().catch(() => undefined);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    taken,
    behave: (next) => (behave = next),
    events: () => taken.flatMap(({ body }) => (JSON.parse(body) as { events: DistributionEvent[] }).events),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Waits until it holds, and fails after a while. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await holds()) return;
    await pause(50);
  }
  assert.fail(`it never came to that: ${what}`);
}

/** As the docs tell receivers to check it. */
export function assertSigned({ headers, body }: Received, key: string): void {
  const timestamp = String(headers["x-berth-timestamp"]);
  const expected = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex");
  assert.equal(headers["x-berth-signature-256"], `sha256=${expected}`);
  assert.ok(Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300);
}
