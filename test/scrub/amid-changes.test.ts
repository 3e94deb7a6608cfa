import assert from "node:assert/strict";
import { test } from "node:test";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { faultLines, scrub } from "./scrubbed.ts";

test("what is pushed, moved, deleted and collected meanwhile is never taken for damage", async () => {
  await using server = await spawnBerth({
    config: {
      gc: { every: "1s", grace: "1s", untagged: "1s" },
      retention: { undo: "1s" },
      scrub: { every: "1s" },
    },
  });
  const client = registryClient(server.url);
  const base = freshBytes(100_000);
  let over = false;
  const busy = [0, 1, 2].map(async (worker) => {
    for (let i = 0; !over; i++) {
      const content = oci.image({ layers: [base, freshBytes(20_000)] });
      const repository = `app/${worker}`;
      await client.push(repository, content, "latest");
      await client.push(repository, oci.index({ manifests: [content.descriptor] }), "multi");
      if (i % 3 === 2) {
        await client.remove(`/v2/${repository}/manifests/multi`);
        await client.remove(`/v2/${repository}/manifests/latest`);
      }
    }
  });
  try {
    for (let round = 0; round < 30; round++) {
      const { code, report, stderr } = await scrub(server.data);
      assert.equal(code, 0, stderr);
      assert.deepEqual(faultLines(report), []);
    }
  } finally {
    over = true;
    await Promise.all(busy);
  }
  assert.doesNotMatch(server.logs(), /scrubbing (found|failed)/);
});
