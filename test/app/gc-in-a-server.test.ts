import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

const repo = "team/app";

test("a server collects by itself, tells of it in its metrics, and pulls go on", async () => {
  await using server = await startBerth({ gc: { every: 1000, grace: 1000 } });
  const client = registryClient(server.url);
  const image = oci.image();
  await client.push(repo, image, "v1");
  const loose = await client.pushBlob(freshBytes(2000), { repo });
  const waiting = async () => {
    const { stdout } = await berth(["gc", "--dry-run", "--json", "--data", server.data]);
    return (JSON.parse(stdout) as { waiting: { blobs: number } }).waiting.blobs;
  };
  // Not by HEAD, which would keep it for another grace.
  for (let tries = 0; tries < 100 && (await waiting()) === 0; tries++) await sleep(100);
  expectStatus(await client.head(`/v2/${repo}/blobs/${loose}`), 404);
  for (const { digest, bytes } of image.blobs) {
    const pulled = await client.get(`/v2/${repo}/blobs/${digest}`);
    expectStatus(pulled, 200);
    assert.ok(pulled.body.equals(bytes));
  }
  let text = "";
  for (let tries = 0; tries < 100 && !/^berth_gc_waiting_bytes 2000$/m.test(text); tries++) {
    text = (await client.get("/metrics")).body.toString();
    await sleep(100);
  }
  assert.match(text, /^berth_gc_waiting_bytes 2000$/m);
  assert.match(text, /^berth_gc_last_end_timestamp_seconds 1\d{9}(\.\d+)?$/m);
});
