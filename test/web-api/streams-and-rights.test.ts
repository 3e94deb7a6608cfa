import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { oci } from "../harness/registry-client.ts";
import { startGuarded, type Guarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

/** A stream as the session of this cookie gets it. */
async function opened(url: string, path: string, cookie: string | undefined) {
  const { hostname, port } = new URL(url);
  const headers = cookie === undefined ? {} : { cookie };
  const outgoing = httpRequest({ hostname, port, path: `/api/v1${path}`, headers, agent: false });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  assert.equal(incoming.statusCode, 200);
  const stream = { text: "", ended: false, close: () => outgoing.destroy() };
  incoming.setEncoding("utf8").on("data", (chunk: string) => (stream.text += chunk));
  incoming.once("close", () => (stream.ended = true));
  return stream;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (holds()) return;
    await pause(50);
  }
  assert.fail(`it never came to that: ${what}`);
}

/** An engine whose container says a line now and then, without end. */
async function talkingEngine() {
  const folder = mkdtempSync(join(tmpdir(), "berth-engine-"));
  const path = join(folder, "engine.sock");
  const readers = new Set<object>();
  const server = createServer((request, response) => {
    const url = (request.url ?? "").replace(/^\/v[\d.]+/, "");
    if (url.startsWith("/containers/web/json")) response.end(JSON.stringify({ Config: { Tty: true } }));
    else if (url.startsWith("/containers/web/logs")) {
      readers.add(response);
      const timer = setInterval(() => response.write("secret of the day\n"), 100);
      response.on("close", () => {
        clearInterval(timer);
        readers.delete(response);
      });
    } else response.end("OK");
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    readers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function admin(house: Guarded, name: string) {
  // Not the only one, who couldn't be anything else.
  await house.addUser("another", { admin: true });
  await house.addUser(name, { admin: true });
  const page = pageClient(house.url);
  assert.equal((await page.signIn(name, `password-of-${name}`)).status, 200);
  return page;
}

test("who is no admin any more sees no more in a stream that goes on than anybody else", async () => {
  await using house = await startGuarded();
  const bob = await house.addUser("bob");
  const page = await admin(house, "alice");
  const stream = await opened(house.url, "/live", page.cookie);
  await house.as(bob).push("bob/app", oci.image(), "first");
  await until(() => stream.text.includes('"tag":"first"'), "an admin sees it");
  await house.manage("PATCH", "/users/alice", { admin: false });
  const before = stream.text.length;
  await until(() => stream.text.length > before, "the stream says what she may see now");
  const after = stream.text.length;
  await house.as(bob).push("bob/app", oci.image(), "second");
  await pause(2_500);
  assert.ok(!stream.text.slice(after).includes("second"), "it isn't her business");
  assert.equal(stream.ended, false);
  stream.close();
});

for (const [what, change] of [
  ["signs out", (_: Guarded, page) => page.change("DELETE", "/session")],
  ["is no admin any more", (house: Guarded) => house.manage("PATCH", "/users/alice", { admin: false })],
  ["is disabled", (house: Guarded) => house.manage("PATCH", "/users/alice", { enabled: false })],
] as const satisfies [string, (house: Guarded, page: ReturnType<typeof pageClient>) => Promise<unknown>][])
  test(`the log of a container is read no further by who ${what}`, async () => {
    await using engine = await talkingEngine();
    await using house = await startGuarded("  rules: []", "", {
      engine: { listen: [{ path: engine.path }] },
    });
    const page = await admin(house, "alice");
    const stream = await opened(house.url, "/containers/web/logs", page.cookie);
    await until(() => stream.text.includes('data: "secret of the day"'), "lines come");
    await change(house, page);
    await until(() => stream.ended, "the stream ends");
    assert.doesNotMatch(stream.text, /event: end/, "the log itself goes on");
    await until(() => engine.readers.size === 0, "the engine isn't asked any more");
  });
