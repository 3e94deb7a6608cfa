import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import type { ActivityView } from "#core/web/views.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { spawnBerth } from "../harness/process.ts";
import { startBerth } from "../harness/berth.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

interface Stream {
  status: number;
  type: string | undefined;
  /** The first message that fits; fails after some seconds. */
  until(fits: (view: ActivityView) => boolean): Promise<ActivityView>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  close(): void;
}

async function openStream(url: string, cookie?: string): Promise<Stream> {
  const { hostname, port } = new URL(url);
  const outgoing = httpRequest({
    hostname,
    port,
    path: "/api/v1/live",
    headers: cookie === undefined ? {} : { cookie },
    agent: false,
  });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const views: ActivityView[] = [];
  let text = "";
  incoming.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts)
      if (part.startsWith("data: ")) views.push(JSON.parse(part.slice(6)) as ActivityView);
  });
  const ended = new Promise<void>((resolve) => incoming.once("close", resolve));
  return {
    status: incoming.statusCode ?? 0,
    type: incoming.headers["content-type"],
    ended,
    async until(fits) {
      for (let i = 0; i < 400; i++) {
        const found = views.find(fits);
        if (found !== undefined) return found;
        await pause(25);
      }
      assert.fail(`nothing of the kind came: ${JSON.stringify(views)}`);
    },
    close: () => outgoing.destroy(),
  };
}

/** A PATCH whose body waits in the middle. */
async function slowPatch(url: string, repo: string, first: Buffer, headers: Record<string, string> = {}) {
  const client = registryClient(url, {}, headers);
  const session = await client.startUpload(repo);
  const { request, response } = client.begin("PATCH", session, {
    headers: { "transfer-encoding": "chunked", "content-type": "application/octet-stream" },
  });
  request.write(first);
  return {
    async end(rest: Buffer) {
      request.end(rest);
      assert.equal((await response).statusCode, 202);
    },
  };
}

test("the stream shows an upload while it runs, and what was pushed", async () => {
  await using berth = await startBerth();
  const stream = await openStream(berth.url);
  assert.deepEqual([stream.status, stream.type], [200, "text/event-stream"]);
  assert.deepEqual((await stream.until(() => true)).uploads, []);
  const patch = await slowPatch(berth.url, "slow/app", freshBytes(70_000));
  const running = await stream.until(({ uploads }) => uploads[0]?.received === 70_000);
  assert.equal(running.uploads[0]?.repository, "slow/app");
  await patch.end(freshBytes(30_000));
  await stream.until(({ uploads }) => uploads[0]?.received === 100_000);
  await registryClient(berth.url).push("slow/app", oci.image(), "v1");
  await stream.until(({ events }) => events.some(({ tag }) => tag === "v1"));
  stream.close();
});

test("of two workers either shows the uploads of both", async () => {
  await using server = await spawnBerth({ config: { workers: 2 } });
  const patches = await Promise.all(
    Array.from({ length: 6 }, (_, i) => slowPatch(server.url, `slow/app-${i}`, freshBytes(50_000 + i))),
  );
  const streams = await Promise.all([1, 2, 3, 4].map(() => openStream(server.url)));
  for (const stream of streams)
    await stream.until(({ uploads }) => uploads.filter(({ received }) => received >= 50_000).length === 6);
  for (const patch of patches) await patch.end(freshBytes(10));
  const { errors } = (await pageClient(server.url).get("/health")).json;
  assert.deepEqual(errors, []);
  for (const stream of streams) stream.close();
});

test("people see their own uploads, admins all; the stream ends with the session", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  await house.addUser("bob");
  await house.addUser("root-user", { admin: true });
  const cookies = [];
  for (const name of ["alice", "bob", "root-user"]) {
    const page = pageClient(house.url);
    await page.signIn(name, `password-of-${name}`);
    cookies.push(page.cookie);
  }
  const authorization = house.basicOf(alice);
  const patch = await slowPatch(house.url, "alice/app", freshBytes(60_000), { authorization });
  const [own, others, all, nobody] = (await Promise.all(
    [...cookies, undefined].map((cookie) => openStream(house.url, cookie)),
  )) as [Stream, Stream, Stream, Stream];
  for (const stream of [own, all]) {
    const { uploads } = await stream.until(({ uploads: now }) => now[0]?.received === 60_000);
    assert.deepEqual([uploads[0]?.repository, uploads[0]?.by], ["alice/app", "alice"]);
  }
  for (const stream of [others, nobody]) assert.deepEqual((await stream.until(() => true)).uploads, []);
  await house.manage("PATCH", "/users/alice", { enabled: false });
  const end = await Promise.race([own.ended.then(() => "ended"), pause(15_000, "goes on", { ref: false })]);
  assert.equal(end, "ended");
  await patch.end(freshBytes(10)).catch(() => undefined);
  for (const stream of [others, all, nobody]) stream.close();
});

test("streams are bounded, and end with the server", async () => {
  const berth = await startBerth();
  const streams: Stream[] = [];
  try {
    for (let i = 0; i < 13; i++) streams.push(await openStream(berth.url));
    assert.deepEqual(
      streams.map(({ status }) => status),
      [...Array.from({ length: 12 }, () => 200), 503],
    );
    streams[0]?.close();
    let again: Stream | undefined;
    for (let i = 0; i < 100 && again?.status !== 200; i++) {
      again = await openStream(berth.url);
      await pause(20);
    }
    assert.equal(again?.status, 200, "a place became free");
    assert.equal((await registryClient(berth.url).head("/api/v1/session")).status, 200);
  } finally {
    await berth[Symbol.asyncDispose]();
  }
  await Promise.all(streams.map(({ ended }) => ended));
});
