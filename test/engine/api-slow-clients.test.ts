import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { OutputChunk } from "#core/engine/output.ts";
import { serveDoor } from "./harness/door.ts";
import { fakeAttachment } from "./harness/fake-attachment.ts";

const get = (path: string) => `GET /v1.47${path} HTTP/1.1\r\nHost: docker\r\n\r\n`;
const mebibyte = 1024 * 1024;
/** What the kernel and the streams on the way may hold. */
const atMost = 8 * mebibyte;

test("a client that reads nothing holds the source up, not memory; what it then reads is whole", async () => {
  let made = 0;
  const all = 64 * mebibyte;
  async function* endless() {
    while (made < all) {
      made += mebibyte;
      yield Buffer.alloc(mebibyte);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await using door = await serveDoor({ containers: { exportRoot: async () => endless() } });
  const socket = door.open().pause();
  socket.write(get("/containers/web/export"));
  const before = await settled(() => made);
  assert.ok(before > 0 && before < atMost, `${before} bytes were made for nobody`);
  let got = 0;
  socket.on("data", (chunk: Buffer) => (got += chunk.length)).resume();
  while (got < all) await once(socket, "data");
  socket.destroy();
});

test("attach: the same, and its end comes after its last byte", async () => {
  let made = 0;
  const all = 32 * mebibyte;
  const process = {
    ...fakeAttachment(),
    output: (async function* (): AsyncGenerator<OutputChunk> {
      while (made < all) {
        made += mebibyte;
        yield { stream: "stdout", data: Buffer.alloc(mebibyte) };
      }
    })(),
  };
  async function* nothing() {}
  await using door = await serveDoor({
    containers: { attach: async () => ({ tty: true, replay: nothing(), attachment: process }) },
  });
  const socket = door.open().pause();
  socket.write(
    "POST /containers/web/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
  );
  const before = await settled(() => made);
  assert.ok(before < atMost, `${before} bytes were made for nobody`);
  let got = 0;
  socket.on("data", (chunk: Buffer) => (got += chunk.length)).resume();
  await once(socket, "end");
  assert.ok(got > all);
  socket.end();
});

const forever = (signal: AbortSignal, left: () => void) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      left();
      reject(new Error("nobody listens"));
    });
  });

test("wait, logs and events: headers at once, and a client that leaves ends what waits for it", async () => {
  let left = 0;
  const gone = Promise.withResolvers<void>();
  const leave = () => {
    if (++left === 4) gone.resolve();
  };
  async function* waiting(signal: AbortSignal): AsyncGenerator<never> {
    await forever(signal, leave);
  }
  await using door = await serveDoor({
    containers: {
      wait: async (_ref, _condition, signal) => ({ ended: forever(signal, leave) }),
      logs: async (_ref, _query, signal) => ({ tty: false, lines: waiting(signal), attributes: {} }),
    },
    system: { events: (_query, signal) => waiting(signal) },
    images: { push: ({ signal }) => waiting(signal) },
  });
  for (const request of [
    get("/containers/web/wait").replace("GET", "POST"),
    get("/containers/web/logs?stdout=1&follow=1"),
    get("/events"),
    get("/images/a/push").replace("GET", "POST"),
  ]) {
    const socket = door.open();
    socket.write(request);
    const [head] = (await once(socket, "data")) as [Buffer];
    assert.match(head.toString(), /^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  }
  await gone.promise;
});

test("stats: a client that leaves ends the asking", async () => {
  let asked = 0;
  await using door = await serveDoor({
    containers: { stats: async () => (asked++, { id: "i", name: "web", usage: undefined }) },
  });
  const socket = door.open();
  socket.write(get("/containers/web/stats"));
  await once(socket, "data");
  socket.destroy();
  while (!door.lines.some(({ route }) => route === "container-stats"))
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(asked <= 2);
});

test("a source that fails in the middle breaks the answer off", async () => {
  async function* broken() {
    yield Buffer.from("some");
    throw new Error("the disk went away");
  }
  await using door = await serveDoor({ containers: { exportRoot: async () => broken() } });
  await assert.rejects(door.request("GET", "/containers/web/export"));
});

test("a body whose client goes away fails for who reads it", async () => {
  const failed = Promise.withResolvers<unknown>();
  await using door = await serveDoor({
    images: {
      async *load(body) {
        try {
          for await (const chunk of body) yield { status: String(chunk.length) };
        } catch (error) {
          failed.resolve((error as { code: string }).code);
          throw error;
        }
      },
    },
  });
  const socket = door.open();
  socket.write("POST /images/load HTTP/1.1\r\nHost: docker\r\nContent-Length: 10\r\n\r\nabc");
  await once(socket, "data");
  socket.destroy();
  assert.equal(await failed.promise, "upload-interrupted");
});

/** Where a number has stopped growing. */
async function settled(number: () => number): Promise<number> {
  for (let last = -1; ;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (number() === last && last > 0) return last;
    last = number();
  }
}
