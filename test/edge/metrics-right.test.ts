import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import pino from "pino";
import { AppError } from "#core/errors.ts";
import { createAdminDoor } from "#http/admin/door.ts";
import { createEdge } from "#http/edge/edge.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { expectError, expectStatus, registryClient } from "../harness/registry-client.ts";

/** The admin door, with somebody who may not read the metrics. */
async function refusing(error: AppError) {
  const door = createAdminDoor({
    warnings: () => [],
    ready: () => Promise.resolve(),
    metrics: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", text: "secret 1\n" }),
    async mayReadMetrics(ctx) {
      ctx.set("WWW-Authenticate", 'Bearer realm="https://a/token",service="a"');
      throw error;
    },
  });
  const edge = createEdge({
    log: pino({ level: "silent" }),
    accessLog: false,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [door],
  });
  const handle = edge.callback();
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    client: registryClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

for (const [code, status, word] of [
  ["unauthenticated", 401, "UNAUTHORIZED"],
  ["denied", 403, "DENIED"],
  ["too-many-attempts", 429, "TOOMANYREQUESTS"],
] as const) {
  test(`who may not read the metrics gets ${status} and none of them; health needs no right`, async () => {
    await using one = await refusing(new AppError(code, "not for you", { retryAfter: 3 }));
    const response = await one.client.get("/metrics");
    expectError(response, status, word);
    assert.equal(response.headers.all("www-authenticate").length, 1);
    assert.equal(response.headers.get("retry-after"), "3");
    assert.doesNotMatch(response.body.toString(), /secret/);
    expectStatus(await one.client.head("/metrics"), status);
    expectStatus(await one.client.get("/livez"), 200);
    expectStatus(await one.client.get("/readyz"), 200);
  });
}
