import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  expectStatus,
  freshBytes,
  oci,
  type Content,
  type ManifestContent,
  type PushHow,
} from "../harness/registry-client.ts";
import { crashingServer, type CrashingServer } from "./crashing-server.ts";
import { eventually } from "./eventually.ts";
import { blobIsThere, blobIsWhole, manifestIsThere } from "./served.ts";
import { storedFiles, strayFiles } from "./stored-files.ts";

const rounds = 15;
const pushers = 6;
const ways: PushHow[] = ["post-put", "post", "patch", "chunked"];

/** What the server said yes to, what it was asked for, and what it may do with that. */
interface Ledger {
  blobs: Map<string, Content>;
  manifests: Map<string, ManifestContent>;
  /** By tag: the digest that was acknowledged last, and those asked for since. */
  tags: Map<string, { acknowledged: string | undefined; asked: Set<string> }>;
  /** Acknowledged or settled since the last check. */
  fresh: Map<string, Content>;
  /** Asked for and never acknowledged. */
  open: Map<string, Content>;
  /** Digests of all blobs that were ever asked for. */
  asked: Set<string>;
  deleted: Set<string>;
  /** Asked for, answer unknown. */
  maybeDeleted: Set<string>;
}

/** Pushes and deletes until the server is gone; notes before each request what is asked and after it what was said. */
async function push({ client }: CrashingServer, ledger: Ledger, tag: string): Promise<void> {
  const place = ledger.tags.get(tag) ?? { acknowledged: undefined, asked: new Set<string>() };
  ledger.tags.set(tag, place);
  for (;;) {
    const sizes = [randomInt(2000), randomInt(200_000), randomInt(2_000_000)];
    const image = oci.image({ layers: sizes.map((size) => freshBytes(size)) });
    for (const blob of image.blobs) {
      ledger.asked.add(blob.digest);
      ledger.open.set(blob.digest, blob);
      await client.pushBlob(blob.bytes, { repo: "app", how: ways[randomInt(ways.length)] ?? "patch" });
      ledger.open.delete(blob.digest);
      ledger.fresh.set(blob.digest, blob);
    }
    place.asked.add(image.digest);
    const answer = await client.putManifest("app", tag, image.bytes, image.mediaType);
    expectStatus(answer, 201);
    const before = place.acknowledged;
    ledger.manifests.set(image.digest, image);
    place.acknowledged = image.digest;
    place.asked = new Set();
    // Every other time the manifest that the tag left behind goes.
    if (before !== undefined && randomInt(2) === 0) {
      ledger.maybeDeleted.add(before);
      expectStatus(await client.remove(`/v2/app/manifests/${before}`), 202);
      ledger.maybeDeleted.delete(before);
      ledger.deleted.add(before);
    }
  }
}

/** Whether the ledger and the server say the same. What was open is settled by asking. */
async function agrees({ client }: CrashingServer, ledger: Ledger): Promise<void> {
  for (const [digest, blob] of ledger.open) {
    if (await blobIsWhole(client, "app", blob)) ledger.fresh.set(digest, blob);
  }
  ledger.open.clear();
  for (const [digest, blob] of ledger.fresh) {
    await blobIsThere(client, "app", blob);
    ledger.blobs.set(digest, blob);
  }
  ledger.fresh.clear();
  for (const [digest, image] of ledger.manifests) {
    const { status } = await client.head(`/v2/app/manifests/${digest}`);
    if (ledger.deleted.has(digest)) assert.equal(status, 404, `${digest} was deleted and is back`);
    else if (ledger.maybeDeleted.has(digest) && status === 404) ledger.deleted.add(digest);
    else await manifestIsThere(client, "app", digest, image);
  }
  ledger.maybeDeleted.clear();
  for (const [tag, place] of ledger.tags) {
    const answer = await client.get(`/v2/app/manifests/${tag}`);
    if (answer.status === 404) {
      assert.equal(place.acknowledged, undefined, `tag ${tag} was acknowledged and is gone`);
    } else {
      expectStatus(answer, 200);
      const digest = answer.headers.get("docker-content-digest") ?? "";
      assert.ok(digest === place.acknowledged || place.asked.has(digest), `${tag} is ${digest}`);
      for (const { digest: layer } of (JSON.parse(answer.body.toString()) as { layers: { digest: string }[] })
        .layers) {
        expectStatus(await client.head(`/v2/app/blobs/${layer}`), 200);
      }
      place.acknowledged = digest;
    }
    place.asked = new Set();
  }
}

for (const workers of [1, 2]) {
  describe(`concurrent pushes killed at a random moment, ${workers} worker(s)`, () => {
    test(`${rounds} rounds: nothing acknowledged is lost`, { timeout: 300_000 }, async (context) => {
      await using server = await crashingServer({ workers });
      const ledger: Ledger = {
        blobs: new Map(),
        manifests: new Map(),
        tags: new Map(),
        fresh: new Map(),
        open: new Map(),
        asked: new Set(),
        deleted: new Set(),
        maybeDeleted: new Set(),
      };
      for (let round = 0; round < rounds; round++) {
        const running = Array.from({ length: pushers }, (_, i) => push(server, ledger, `tag-${i}`));
        const ended = Promise.allSettled(running);
        await sleep(randomInt(400));
        await server.kill();
        for (const outcome of await ended) {
          assert.ok(outcome.status === "rejected");
          // Only a broken connection may end a pusher: a wrong answer is a failure of the server.
          if (outcome.reason instanceof assert.AssertionError) throw outcome.reason;
        }
        await server.start();
        await agrees(server, ledger);
      }
      context.diagnostic(`${ledger.blobs.size} blobs, ${ledger.manifests.size} manifests acknowledged`);
      // The dead pushes' bytes go; whole blobs that nobody was told of may wait for the garbage collector.
      await server.crash({ workers, uploads: { expire_after: "1s", purge_interval: "1s" } });
      const strays = async () => strayFiles(await storedFiles(server.data, 4096), ledger.asked);
      await eventually("no part of an upload is left", async () => (await strays()).length === 0);
      for (const blob of ledger.blobs.values()) await blobIsThere(server.client, "app", blob);
      await agrees(server, ledger);
    });
  });
}
