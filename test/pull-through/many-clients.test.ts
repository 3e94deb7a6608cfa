import assert from "node:assert/strict";
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { processTree } from "../bench/process-tree.ts";
import { residentPeak } from "../crash/resident.ts";
import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import { freshBytes, oci, type ManifestContent } from "../harness/registry-client.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import type { RunningUpstream } from "../upstreams/running-upstream.ts";
import { pullAsCrowd, type CrowdClient } from "./crowd.ts";

const MiB = 1024 * 1024;
/** BERTH_TEST_FULL=1 takes the whole gibibyte, which is minutes of work. */
const full = (process.env["BERTH_TEST_FULL"] ?? "") !== "";
const layers = full ? [256, 256, 256, 256] : [16, 16, 16];
const clients = 200;
const skip = process.platform === "linux" ? plainUpstream.needed.skip : "reads /proc";
const repository = "docker.io/library/app";

for (const workers of [1, 2]) {
  describe(`${workers} serving`, { skip, timeout: full ? 3_600_000 : 900_000 }, () => {
    test(`${clients} clients at once pull one cold image`, async (t) => {
      await using upstream = await plainUpstream.start();
      await using berth = await startCached(upstream, workers);
      const { front } = upstream;
      const image = imageOf(layers);
      await upstream.push("library/app", "v1", image);
      const before = await residentPeak(berth.pid);

      const everyone = crowd(berth, "v1", image, clients, false);
      await Promise.all(everyone.map(({ done }) => done));

      assertFetchedOnce(upstream, image, workers);
      // So much for each client's buffers, however large the image is.
      const grown = Math.round(((await residentPeak(berth.pid)) - before) / MiB);
      t.diagnostic(`memory grew by ${grown} MiB for an image of ${Math.round(bytesOf(image) / MiB)} MiB`);
      assert.ok(grown < clients + 64 * workers, `memory grew by ${grown} MiB`);
      front.forget();
      await pullAsCrowd(berth.url, repository, "v1", image).done;
      assert.deepEqual(front.seen, []);
    });

    test("the first client is killed in the middle, and the others finish", async () => {
      await using upstream = await plainUpstream.start();
      await using berth = await startCached(upstream, workers);
      const image = imageOf([4, 4]);
      await upstream.push("library/app", "v1", image);
      const release = upstream.front.holdBlobsAfter(2 * MiB);
      const first = pullAsCrowd(berth.url, repository, "v1", image);
      await until("the first client is in the middle", () => first.received > MiB);
      const others = crowd(berth, "v1", image, 50);
      // They read what has come of it, before there is all of it.
      await until("the others are, too", () => others.every(({ received }) => received > MiB));
      first.kill();
      await assert.rejects(first.done);
      release();
      await Promise.all(others.map(({ done }) => done));
      assertFetchedOnce(upstream, image, workers);
    });

    test("all clients leave: the fetch goes on to its end, and nothing is left behind", async () => {
      await using upstream = await plainUpstream.start();
      await using berth = await startCached(upstream, workers);
      const image = imageOf([4, 4]);
      await upstream.push("library/app", "v1", image);
      const small = imageOf([1]);
      await upstream.push("library/app", "small", small);
      await pullAsCrowd(berth.url, repository, "small", small).done;
      upstream.front.forget();
      const before = (await openFiles(berth)).length;
      const release = upstream.front.holdBlobsAfter(2 * MiB);
      const everyone = crowd(berth, "v1", image, 50);
      await until("all are in the middle", () => everyone.every(({ received }) => received > MiB));
      for (const one of everyone) one.kill();
      await Promise.allSettled(everyone.map(({ done }) => done));
      release();
      await until("the fetches end", () => upstream.front.bytes("blob") >= bytesOf(image));

      const uploads = join(berth.data, "storage", "uploads");
      await until("no file is being received", async () => (await readdir(uploads)).length === 0);
      const gone = (file: string) => file.startsWith(uploads) || file.endsWith(" (deleted)");
      await until("none is open any more", async () => !(await openFiles(berth)).some(gone));
      // The clients' connections are closed; some to the upstream may wait for the next fetch.
      await until("connections are closed", async () => (await openFiles(berth)).length < before + 20);
      await upstream.stop();
      await pullAsCrowd(berth.url, repository, "v1", image).done;
      assertFetchedOnce(upstream, image, workers);
    });
  });
}

function imageOf(sizes: readonly number[]): ManifestContent {
  return oci.image({ layers: sizes.map((size) => freshBytes(size * MiB)) });
}

function bytesOf({ blobs }: ManifestContent): number {
  return blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function startCached(upstream: RunningUpstream, workers: number): Promise<BerthProcess> {
  return spawnBerth({
    config: {
      workers,
      log: { access: false },
      upstreams: [{ name: "docker.io", url: upstream.url, ttl: "1h" }],
    },
  });
}

/** @param together as in crowd.ts */
function crowd(
  { url }: BerthProcess,
  tag: string,
  image: ManifestContent,
  length: number,
  together = true,
): CrowdClient[] {
  return Array.from({ length }, () => pullAsCrowd(url, repository, tag, image, together));
}

/** Each blob once and whole; the manifest at most once by each process that serves. */
function assertFetchedOnce({ front }: RunningUpstream, image: ManifestContent, workers: number): void {
  const fetched = front.requests("blob", "GET").map(({ reference }) => reference);
  assert.deepEqual(fetched.sort(), image.blobs.map(({ digest }) => digest).sort());
  assert.equal(front.bytes("blob"), bytesOf(image));
  assert.ok(front.requests("manifest", "GET").length <= workers, "manifests were fetched again");
  assert.ok(front.requests("manifest", "HEAD").length <= workers, "manifests were asked for again");
}

/** What the descriptors of the keeper and the workers lead to. */
async function openFiles({ pid }: BerthProcess): Promise<string[]> {
  const files: string[] = [];
  for (const one of processTree(pid)) {
    const folder = `/proc/${one.pid}/fd`;
    for (const fd of await readdir(folder)) files.push(await readlink(join(folder, fd)).catch(() => ""));
  }
  return files;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `after a minute not yet: ${what}`);
    await sleep(20);
  }
}
