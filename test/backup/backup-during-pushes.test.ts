import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { spawnBerth } from "../harness/process.ts";
import { backUp, openPlaces, restore, verify } from "./places.ts";

const pushers = 200;
const beforeIt = 150;

test("a backup in the middle of 200 concurrent pushes has every tag that was acknowledged before", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const acknowledged: string[] = [];
  {
    await using server = await spawnBerth({ data, config: { workers: 2 } });
    const client = registryClient(server.url);
    const base = freshBytes(200_000);
    let over = false;
    const pushing = Array.from({ length: pushers }, async (_, i) => {
      for (let round = 0; !over && round < 100; round++) {
        const content = oci.image({ layers: [base, freshBytes(20_000)] });
        await client.push(`team/app-${i % 20}`, content, `t-${i}-${round}`);
        acknowledged.push(`team/app-${i % 20}:t-${i}-${round}`);
      }
    });
    const ended = Promise.all(pushing);
    for (let looks = 0; acknowledged.length < beforeIt && looks < 6000; looks++) await pause(10);
    const before = acknowledged.splice(0);
    assert.ok(before.length >= beforeIt);
    const report = await backUp(data, places.path("now.db"), "--blobs", places.path("blobs"));
    const meanwhile = acknowledged.length;
    over = true;
    await ended;
    assert.ok(meanwhile > 0, "pushes went on while the backup ran");
    assert.deepEqual(report.blobs?.damaged, []);
    acknowledged.length = 0;
    acknowledged.push(...before);
  }

  const other = places.path("other");
  const { blobs } = await restore(other, places.path("now.db"), "--blobs", places.path("blobs"));
  assert.deepEqual([blobs.missing, blobs.present], [[], 0]);
  const all = await verify(other);
  assert.deepEqual([all.code, all.report.faults], [0, []]);
  assert.ok(all.report.tags >= acknowledged.length);
  const named = await verify(other, ...acknowledged);
  assert.deepEqual([named.code, named.report.tags], [0, acknowledged.length]);
  await using there = await spawnBerth({ data: other });
  const [repository = "", tag = ""] = (acknowledged[0] ?? "").split(":");
  expectStatus(await registryClient(there.url).get(`/v2/${repository}/manifests/${tag}`), 200);
});
