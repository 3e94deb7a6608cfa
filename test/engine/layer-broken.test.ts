import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "#oci/digest.ts";
import { blocksOf, file, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, pieces } from "./harness/overlay.ts";

const tar = tarOf([file("a", "a".repeat(5000)), file("b", randomBytes(300_000).toString("hex"))]);
const wrongSum = Buffer.from(tar);
wrongSum[0] = 0x62;
const negative = Buffer.concat(blocksOf(file("a")));
negative.fill(0xff, 124, 136);

const broken: [string, Uint8Array][] = [
  ["cut in a header", tar.subarray(0, 300)],
  ["cut in a file", tar.subarray(0, 3000)],
  ["cut in a later file", tar.subarray(0, 200_000)],
  ["cut gzip", gzipSync(tar).subarray(0, 100_000)],
  ["cut zstd", zstdCompressSync(tar).subarray(0, 100_000)],
  ["garbage after gzip's head", Buffer.concat([gzipSync(tar).subarray(0, 30), randomBytes(9000)])],
  ["no tar at all", Buffer.from("hello world, this is no tar. ".repeat(100))],
  ["a wrong checksum", wrongSum],
  ["a negative size", negative],
  ["bzip2", Buffer.from("425a6839314159265359", "hex")],
  ["xz", Buffer.from("fd377a585a000004e6d6b446", "hex")],
  ["a sparse file", tarOf([file("s", "", { type: "S" })])],
  ["a sparse file by pax", tarOf([file("s", "x", { pax: { "GNU.sparse.major": "1" } })])],
  ["an unknown kind", tarOf([file("u", "", { type: "Z" })])],
  ["an owner out of range", tarOf([file("u", "", { pax: { uid: "4294967295" } })])],
  ["an owner that is no number", tarOf([file("u", "", { pax: { gid: "-1" } })])],
  ["a size out of range", tarOf([file("u", "", { pax: { size: "9999999999999999999" } })])],
  ["an extended header too large", tarOf([{ name: "x", type: "x", size: 2_000_000 }])],
  ["an extended header that lies", tarOf([{ name: "x", type: "x", body: "99 path=a\n" }, file("a")])],
];

engineTest("a broken layer is refused and leaves nothing", async (context) => {
  const host = await overlayHost(context);
  for (const [what, bytes] of broken) {
    await assert.rejects(
      host.snapshots.unpack(undefined, [], pieces(bytes), "detect"),
      { code: "layer-invalid" },
      what,
    );
    assert.deepEqual(await host.layerNames(), [], what);
  }
});

engineTest("a layer that isn't its diffID is refused and leaves nothing", async (context) => {
  const host = await overlayHost(context);
  const other = digestOf("sha256", Buffer.from("other"));
  for (const bytes of [tar, gzipSync(tar), Buffer.concat([tar, Buffer.alloc(512)])]) {
    const diffId = bytes.length > tar.length ? digestOf("sha256", tar) : other;
    await assert.rejects(host.snapshots.unpack(diffId, [], pieces(bytes), "detect"), (error: Error) => {
      assert.match(error.message, /not sha256:/);
      return true;
    });
    assert.deepEqual(await host.layerNames(), []);
  }
});

engineTest("a source that fails is told as it is, and one that is aborted ends", async (context) => {
  const host = await overlayHost(context);
  async function* failing() {
    yield* pieces(tar.subarray(0, 100_000));
    await Promise.resolve();
    throw new Error("the network went away");
  }
  await assert.rejects(host.snapshots.unpack(undefined, [], failing(), "none"), /network went away/);
  await assert.rejects(host.snapshots.unpack(undefined, [], failing(), "detect"), /network went away/);
  const stop = new AbortController();
  async function* slow() {
    yield* pieces(tar.subarray(0, 100_000));
    stop.abort(new Error("enough"));
    await new Promise(() => undefined);
    yield Buffer.alloc(0);
  }
  await assert.rejects(host.snapshots.unpack(undefined, [], slow(), "none", stop.signal), /enough/);
  assert.deepEqual(await host.layerNames(), []);
});
