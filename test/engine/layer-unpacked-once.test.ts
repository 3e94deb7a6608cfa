import assert from "node:assert/strict";
import { digestOf } from "#oci/digest.ts";
import { file, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, pieces } from "./harness/overlay.ts";

const tar = tarOf([file("a", "a".repeat(100_000))]);
const diffId = digestOf("sha256", tar);

engineTest("the same layer at the same time is unpacked once", async (context) => {
  const host = await overlayHost(context);
  const records = await Promise.all(
    Array.from({ length: 6 }, () => host.snapshots.unpack(diffId, [], pieces(tar), "none")),
  );
  assert.equal(new Set(records.map(({ id }) => id)).size, 1);
  assert.deepEqual(await host.layerNames(), [records[0]?.id]);
});

engineTest("who waited for bytes that were wrong unpacks its own", async (context) => {
  const host = await overlayHost(context);
  const wrong = host.snapshots.unpack(diffId, [], pieces(tar.subarray(0, 20_000)), "none");
  const right = host.snapshots.unpack(diffId, [], pieces(tar), "none");
  await assert.rejects(wrong, { code: "layer-invalid" });
  const { id } = await right;
  assert.deepEqual(await host.layerNames(), [id]);
});
