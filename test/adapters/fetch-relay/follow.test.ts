import assert from "node:assert/strict";
import { chmod, readdir, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createFetchRelay } from "#adapters/fetch-relay/fetch-relay.ts";
import { AppError } from "#core/errors.ts";
import type { GrowingBlob } from "#core/fetch-relay.ts";
import { rejects } from "../../contract/blob-store-checks.ts";
import { blobOf, startFetch, tempFolder, twoRelays } from "./two-relays.ts";

/** What was followed: never undefined here. */
async function followed(growing: Promise<GrowingBlob | undefined>): Promise<GrowingBlob> {
  return (await growing) ?? assert.fail("nobody was there to follow");
}

test("a process follows the fetch of another, from its beginning to its end", async (t) => {
  const { here, fetches, asked } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  const following = here.follow(wanted);
  fetch.begin({ size: 100, file: "a-file" });
  const blob = await followed(following);
  assert.deepEqual(asked, [wanted]);
  assert.deepEqual(await blob.begun, { size: 100, file: "a-file" });
  assert.equal(blob.readable, 0);
  for (const to of [10, 60, 99]) {
    const more = blob.more(to - 1);
    fetch.grow(to);
    await more;
    assert.equal(blob.readable, to);
  }
  fetch.grow(100);
  fetch.finish();
  await blob.done;
  assert.equal(blob.readable, 100);
  await blob.more(100);
});

test("who comes late gets all of it at once; an unknown size and no file stay unknown", async (t) => {
  const { here, fetches } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  fetch.begin({ size: undefined, file: undefined });
  fetch.grow(5);
  fetch.finish();
  const blob = await followed(here.follow(wanted));
  assert.deepEqual(await blob.begun, { size: undefined, file: undefined });
  await blob.done;
  assert.equal(blob.readable, 5);
});

test("two followers of one fetch, and of two, each get their own", async (t) => {
  const { here, fetches } = await twoRelays(t);
  const [one, two] = [blobOf(1, 2, 0), blobOf(1, 2, 1)];
  const first = startFetch();
  const second = startFetch();
  fetches.set(one.digest, first).set(two.digest, second);
  first.begin({ size: 10, file: "one" });
  second.begin({ size: 20, file: "two" });
  const [a, b, c] = await Promise.all([one, one, two].map((blob) => followed(here.follow(blob))));
  first.grow(10);
  first.finish();
  await Promise.all([a?.done, b?.done]);
  assert.deepEqual([a?.readable, b?.readable, c?.readable], [10, 10, 0]);
  second.break(new AppError("upstream-failed", "it broke off"));
  await rejects(c?.done ?? assert.fail(), "upstream-failed");
  assert.equal((await b?.begun)?.file, "one");
});

test("a fault before the beginning comes over as it is, but for its cause", async (t) => {
  const { here, fetches } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  fetch.break(
    new AppError("upstream-limited", "docker.io wants no more requests", {
      subject: "docker.io",
      detail: { limit: 100 },
      retryAfter: 30,
      cause: new Error("a secret of the log"),
    }),
  );
  const blob = await followed(here.follow(wanted));
  const error = await rejects(blob.begun, "upstream-limited");
  assert.equal(error.message, "docker.io wants no more requests");
  assert.deepEqual([error.subject, error.detail, error.retryAfter], ["docker.io", { limit: 100 }, 30]);
  assert.equal(error.cause, undefined);
  await rejects(blob.more(0), "upstream-limited");
  await rejects(blob.done, "upstream-limited");
});

test("a fault amid it leaves what is there readable", async (t) => {
  const { here, fetches } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  fetch.begin({ size: 10, file: "f" });
  const blob = await followed(here.follow(wanted));
  fetch.grow(4);
  await blob.more(3);
  fetch.break(new AppError("digest-mismatch", "these are other bytes"));
  await rejects(blob.more(4), "digest-mismatch");
  await blob.more(3);
  await rejects(blob.done, "digest-mismatch");
});

test("a fault of ours isn't an AppError over there either", async (t) => {
  const { here, fetches } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  fetch.break(new TypeError("x is not a function"));
  const blob = await followed(here.follow(wanted));
  await assert.rejects(blob.begun, (error) => error instanceof Error && !(error instanceof AppError));
});

test("a blob of its own business is never followed", async (t) => {
  const { here, home } = await twoRelays(t);
  assert.equal(await here.follow(blobOf(0, 2)), undefined);
  assert.equal(await home.follow(blobOf(1, 2)), undefined);
});

test("who asks before the other is ready to answer waits for it", async (t) => {
  const folder = await tempFolder(t);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2 });
  await using home = await createFetchRelay({ folder, slot: 1, slots: 2 });
  const following = here.follow(blobOf(1, 2));
  const fetch = startFetch();
  fetch.begin({ size: 1, file: "f" });
  home.answer(() => fetch.blob);
  assert.equal((await (await followed(following)).begun).file, "f");
});

test("a thousand follows at once grow step by step and end, some of them badly", async (t) => {
  const folder = await tempFolder(t);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2 });
  await using home = await createFetchRelay({ folder, slot: 1, slots: 2 });
  const fetches: ReturnType<typeof startFetch>[] = [];
  home.answer(() => {
    const fetch = startFetch();
    fetches.push(fetch);
    fetch.begin({ size: 50, file: "f" });
    return fetch.blob;
  });
  const blobs = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => followed(here.follow(blobOf(1, 2, i % 10)))),
  );
  const ends = blobs.map(async (blob) => {
    try {
      while (blob.readable < 50) await blob.more(blob.readable);
      await blob.done;
      return "done";
    } catch (error) {
      return (error as AppError).code;
    }
  });
  for (let to = 1; to <= 50; to++) {
    for (const [i, fetch] of fetches.entries()) {
      if (to < 50 || i % 10 !== 0) fetch.grow(to);
      else fetch.break(new AppError("upstream-failed", "broke off"));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const fetch of fetches) fetch.finish();
  const found = await Promise.all(ends);
  assert.equal(found.filter((end) => end === "done").length, 900);
  assert.equal(found.filter((end) => end === "upstream-failed").length, 100);
});

test("the socket is its owner's alone, and goes with the relay; leftovers are removed", async (t) => {
  const folder = await tempFolder(t);
  await chmod(folder, 0o755);
  for (const name of ["fetch-0.sock", "fetch-7.sock", "fetch-1.sock", "fetch-x.sock", "berth.db"])
    await writeFile(join(folder, name), "");
  const relay = await createFetchRelay({ folder, slot: 0, slots: 2 });
  const { mode } = await stat(join(folder, "fetch-0.sock"));
  assert.equal(mode & 0o777, 0o600);
  assert.deepEqual((await readdir(folder)).sort(), [
    "berth.db",
    "fetch-0.sock",
    "fetch-1.sock",
    "fetch-x.sock",
  ]);
  await relay[Symbol.asyncDispose]();
  assert.deepEqual((await readdir(folder)).sort(), ["berth.db", "fetch-1.sock", "fetch-x.sock"]);
});

test("nonsense on the socket ends its connection and nothing else", async (t) => {
  const { folder, here, fetches } = await twoRelays(t);
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "null\n", "x".repeat(300_000)]) {
    const socket = connect(join(folder, "fetch-1.sock"));
    socket.on("error", () => undefined);
    socket.write(text);
    await new Promise((resolve) => socket.once("close", resolve));
  }
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  fetch.begin({ size: 1, file: "f" });
  assert.ok(await here.follow(wanted));
});

test("a folder with too long a path, or none, is told", async (t) => {
  const folder = await tempFolder(t);
  const long = join(folder, "x".repeat(120));
  await rejects(createFetchRelay({ folder: long, slot: 0, slots: 2 }), "unavailable");
  await rejects(createFetchRelay({ folder: join(folder, "none"), slot: 0, slots: 2 }), "unavailable");
});
