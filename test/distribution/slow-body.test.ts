import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
} from "../harness/registry-client.ts";

test("a body that goes on for longer than every header limit isn't cut", async () => {
  await using berth = await startBerth({ limits: { header_timeout: 1_000 } });
  const client = registryClient(berth.url);
  const bytes = freshBytes(16_000);
  const session = await client.startUpload("app");
  const path = `${session}?digest=${digestOf(bytes)}`;
  const { request, response } = client.begin("PUT", path, { headers: { "content-length": bytes.length } });
  for (let sent = 0; sent < bytes.length; sent += 1_000) {
    request.write(bytes.subarray(sent, sent + 1_000));
    await delay(200);
  }
  request.end();
  const put = await receive("PUT", path, await response);
  expectStatus(put, 201);
  assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
});

test("a PATCH that falls silent for limits.body_idle_timeout ends with 408 and can be resumed", async () => {
  await using berth = await startBerth({ limits: { body_idle_timeout: 300 } });
  const client = registryClient(berth.url);
  const bytes = freshBytes(10_000);
  const session = await client.startUpload("app");
  const { request, response } = client.begin("PATCH", session, {
    headers: { "content-length": bytes.length },
  });
  request.on("error", () => undefined);
  request.write(bytes.subarray(0, 4_000));
  expectError(await receive("PATCH", session, await response), 408);
  request.destroy();

  const status = await client.get(session);
  expectStatus(status, 204);
  assert.equal(status.headers.get("range"), "0-3999");
  const patch = await client.request("PATCH", client.pathOf(status), {
    headers: { "content-range": "4000-9999" },
    body: bytes.subarray(4_000),
  });
  expectStatus(patch, 202);
  const put = await client.request("PUT", `${client.pathOf(patch)}?digest=${digestOf(bytes)}`);
  expectStatus(put, 201);
  assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
});

test("a manifest PUT that falls silent ends with 408 and writes nothing", async () => {
  await using berth = await startBerth({ limits: { body_idle_timeout: 300 } });
  const client = registryClient(berth.url);
  const path = "/v2/app/manifests/latest";
  const { request, response } = client.begin("PUT", path, {
    headers: { "content-length": 1_000, "content-type": "application/vnd.oci.image.index.v1+json" },
  });
  request.on("error", () => undefined);
  request.write('{"schemaVersion":2');
  expectError(await receive("PUT", path, await response), 408);
  request.destroy();
  expectError(await client.get(path), 404, "MANIFEST_UNKNOWN");
});

test("headers that trickle in for longer than limits.header_timeout are cut off", async () => {
  await using berth = await startBerth({ limits: { header_timeout: 500 } });
  const { hostname, port } = new URL(berth.url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.on("error", () => undefined);
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  const closed = once(socket, "close", { signal: AbortSignal.timeout(20_000) });
  socket.write("GET /v2/ HTTP/1.1\r\nHost: a\r\n");
  const trickle = setInterval(() => socket.write("X-Slow: 1\r\n"), 100);
  try {
    await closed;
  } finally {
    clearInterval(trickle);
    socket.destroy();
  }
  // Closed without a word or with 408; never served.
  assert.match(Buffer.concat(received).toString("latin1"), /^(HTTP\/1\.1 408 |$)/);
  expectStatus(await registryClient(berth.url).get("/v2/"), 200);
});
