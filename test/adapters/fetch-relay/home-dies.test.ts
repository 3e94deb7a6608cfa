import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";
import { createFetchRelay } from "#adapters/fetch-relay/fetch-relay.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { rejects } from "../../contract/blob-store-checks.ts";
import { blobOf, tempFolder, twoRelays } from "./two-relays.ts";

const script = fileURLToPath(new URL("relay-worker.ts", import.meta.url));

/** A worker as the keeper starts them, killed at the end of the test. */
async function startWorker(t: TestContext, folder: string): Promise<Worker> {
  cluster.setupPrimary({ exec: script, args: [folder, "1", "2"] });
  const worker = cluster.fork();
  t.after(async () => {
    if (!worker.isDead()) {
      worker.process.kill("SIGKILL");
      await once(worker, "exit");
    }
  });
  await once(worker, "message");
  return worker;
}

async function kill(worker: Worker): Promise<void> {
  worker.process.kill("SIGKILL");
  await once(worker, "exit");
}

test("a home that is killed: what ran is unavailable, what didn't begin is ours, the next one is found", async (t) => {
  const folder = await tempFolder(t);
  const worker = await startWorker(t, folder);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2 });
  const wanted = blobOf(1, 2);
  const blobs = await Promise.all([here.follow(wanted), here.follow(blobOf(1, 2, 1))]);
  for (const blob of blobs) {
    assert.equal((await blob?.begun)?.file, `of ${worker.process.pid}`);
    await blob?.more(9);
  }
  const silent = here.follow({ ...wanted, repository: "docker.io/never-begins" as RepositoryName });
  const waiting = blobs.map((blob) => rejects(blob?.more(10) ?? assert.fail(), "unavailable"));
  await kill(worker);
  await Promise.all(waiting);
  for (const blob of blobs) {
    const error = await rejects(blob?.done ?? assert.fail(), "unavailable");
    assert.equal(error.retryAfter, 1);
    assert.equal(blob?.readable, 10);
  }
  assert.equal(await silent, undefined);
  // Its socket is still there.
  assert.ok((await stat(join(folder, "fetch-1.sock"))).isSocket());
  assert.equal(await here.follow(wanted), undefined);

  const next = await startWorker(t, folder);
  assert.equal((await (await here.follow(wanted))?.begun)?.file, `of ${next.process.pid}`);
});

test("a worker of node:cluster listens by itself, for its owner alone", async (t) => {
  const folder = await tempFolder(t);
  const worker = await startWorker(t, folder);
  const { mode } = await stat(join(folder, "fetch-1.sock"));
  assert.equal(mode & 0o777, 0o600);
  // Shared with its keeper, the socket would live on and take connections that nobody answers.
  await kill(worker);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2 });
  assert.equal(await here.follow(blobOf(1, 2)), undefined);
});

test("a home that stands still counts as gone after a while", async (t) => {
  const folder = await tempFolder(t);
  const worker = await startWorker(t, folder);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2, patience: 200 });
  process.kill(worker.process.pid ?? assert.fail(), "SIGSTOP");
  assert.equal(await here.follow(blobOf(1, 2)), undefined);
});

test("a home without news that is alive doesn't count as gone", async (t) => {
  const { here, fetches } = await twoRelays(t, 100);
  const following = here.follow(blobOf(1, 2));
  // Many times its patience.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [fetch] = fetches.values();
  fetch?.begin({ size: 1, file: "at last" });
  assert.equal((await (await following)?.begun)?.file, "at last");
});

test("a home that was never there is ours", async (t) => {
  const folder = await tempFolder(t);
  await using here = await createFetchRelay({ folder, slot: 0, slots: 2 });
  assert.equal(await here.follow(blobOf(1, 2)), undefined);
});

test("a relay that is disposed ends what it followed and what followed it", async (t) => {
  for (const end of ["here", "home"] as const) {
    const relays = await twoRelays(t);
    const following = relays.here.follow(blobOf(1, 2));
    while (relays.fetches.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [fetch] = relays.fetches.values();
    fetch?.begin({ size: 1, file: "f" });
    const blob = await following;
    await relays[end][Symbol.asyncDispose]();
    await rejects(blob?.done ?? assert.fail(), "unavailable");
    assert.equal(await relays.here.follow(blobOf(1, 2)), undefined);
  }
});
