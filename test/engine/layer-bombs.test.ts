import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { blocksOf, file, folder } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, pieces } from "./harness/overlay.ts";

const mib = 1024 ** 2;

engineTest("gzip and zstd bombs are cut off by their ratio", async (context) => {
  const host = await overlayHost(context, { ratioFrom: 16 * mib, ratio: 100 });
  const zeros = Buffer.concat([...blocksOf(file("zeros", Buffer.alloc(48 * mib))), Buffer.alloc(1024)]);
  for (const bytes of [gzipSync(zeros), zstdCompressSync(zeros)])
    await assert.rejects(host.snapshots.unpack(undefined, [], pieces(bytes), "detect"), {
      code: "layer-invalid",
      message: /100 times its size/,
    });
  assert.deepEqual(await host.layerNames(), []);
});

engineTest("a layer larger than allowed is cut off, whatever it says of itself", async (context) => {
  const host = await overlayHost(context, { bytes: 8 * mib });
  async function* endless() {
    yield blocksOf(file("f", "", { pax: { size: String(2 ** 50) } })).reduce((a, b) => Buffer.concat([a, b]));
    for (;;) yield await Promise.resolve(Buffer.alloc(mib));
  }
  await assert.rejects(host.snapshots.unpack(undefined, [], endless(), "none"), /more than 8388608 bytes/);
  assert.deepEqual(await host.layerNames(), []);
});

engineTest("a disk without room for more is no place for a layer", async (context) => {
  const host = await overlayHost(context, { reserve: Number.MAX_SAFE_INTEGER });
  await assert.rejects(host.layer([file("f", "x")]), { code: "storage-full" });
});

engineTest(
  "a million entries are too many where fewer are allowed, and fill no memory before",
  async (context) => {
    const host = await overlayHost(context, { entries: 2_000 });
    let made = 0;
    async function* many() {
      for (; made < 1_000_000; made++)
        yield await Promise.resolve(Buffer.concat(blocksOf(folder(`f${made}/`))));
    }
    await assert.rejects(host.snapshots.unpack(undefined, [], many(), "none"), /more than 2000 entries/);
    assert.ok(made < 50_000, `${made} entries were read`);
    assert.deepEqual(await host.layerNames(), []);
  },
);
