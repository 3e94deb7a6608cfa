import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { engineTest } from "./harness/needs.ts";
import { imageHost } from "./harness/image-host.ts";
import { file, folder, hardLink, symlink, tarOf } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage, ociArchive } from "./harness/made-image.ts";

const image = madeImage([layer(file("a", "base"))]);
const good = dockerArchive(image, ["app:1"]);
const named = { "io.containerd.image.name": "docker.io/library/app:1" };

const refused: [why: string, archive: Buffer, words: RegExp][] = [
  ["nothing", Buffer.alloc(0), /invalid archive: it has no manifest\.json and no index\.json/],
  ["no tar", Buffer.from("hello ".repeat(200)), /invalid archive: it is not a tar archive/],
  ["half a tar", good.subarray(0, good.length >> 1), /invalid archive: (it ends|it has no)/],
  ["half a gzip", gzipSync(good).subarray(0, 300), /invalid archive: .*compressed bytes are broken/],
  ["a name with ../", dockerArchive(image, null, [file("../x", "y")]), /the name "\.\.\/x" leads out of it/],
  [
    "an absolute name",
    dockerArchive(image, null, [file("/etc/x", "y")]),
    /the name "\/etc\/x" leads out of it/,
  ],
  ["a symlink out of it", dockerArchive(image, null, [symlink("x", "../../etc/passwd")]), /leads out of it/],
  ["a hard link out of it", dockerArchive(image, null, [hardLink("x", "/etc/passwd")]), /leads out of it/],
  [
    "links in a circle",
    dockerArchive(image, null, [symlink("x", "y"), symlink("y", "x")], { Layers: ["x"] }),
    /too many links/,
  ],
  [
    "a folder instead of a layer",
    dockerArchive(image, null, [folder("x/")], { Layers: ["x"] }),
    /it lacks "x"/,
  ],
  ["a missing config", dockerArchive(image, null, [], { Config: "gone.json" }), /it lacks "gone\.json"/],
  [
    "a layer too many",
    dockerArchive(image, null, [], { Layers: ["x", "y"] }),
    /layers length mismatch: expected 2, got 1/,
  ],
  [
    "another layer than its config says",
    dockerArchive(image, null, [file("z.tar", "", { body: layer(file("evil")) })], { Layers: ["z.tar"] }),
    /invalid diffID for layer 0: expected "sha256:/,
  ],
  ["no config at all", dockerArchive(image, null, [], { Config: 7 }), /manifest\.json names no config/],
  ["a name that is none", dockerArchive(image, ["../../x:1"]), /invalid reference format/],
  ["a name without a tag", dockerArchive(image, ["app"]), /invalid tag "app"/],
  [
    "a manifest.json that is no list",
    tarOf([file("manifest.json", "{}")]),
    /manifest\.json holds no list of images/,
  ],
  ["a manifest.json that is no JSON", tarOf([file("manifest.json", "[")]), /"manifest\.json" is not JSON/],
  [
    "a blob with the wrong bytes",
    ociArchive(image, named, [file(`blobs/sha256/${"0".repeat(64)}`, "x")]),
    /invalid archive: the bytes are sha256:/,
  ],
  [
    "an index of nothing that is there",
    tarOf([
      file(
        "index.json",
        JSON.stringify({
          manifests: [{ mediaType: image.manifestType, digest: image.manifest, size: 1 }],
        }),
      ),
    ]),
    /it lacks the blob sha256:/,
  ],
  ["a sparse file", tarOf([{ ...file("x", "y"), type: "S" }]), /sparse file/],
  [
    "a size beyond all bounds",
    tarOf([file("x.json", "", { size: 8 ** 11 - 1 })]),
    /it ends in the middle of a file/,
  ],
  [
    "a huge document",
    tarOf([file("manifest.json", "", { body: Buffer.alloc(9 * 1024 * 1024, 32) })]),
    /has 9437184 bytes/,
  ],
];

engineTest(
  "archives that are broken or hostile are refused with words, and nothing of them is left",
  async (t) => {
    const host = await imageHost(t);
    for (const [why, archive, words] of refused) {
      await assert.rejects(host.load(archive), words, why);
      assert.deepEqual(await host.images.list({ all: true, filters: new Map(), sharedSize: false }), [], why);
    }
    await host.images.sweep();
    assert.equal(await host.layerCount(), 0);
    assert.equal(await host.blobCount(), 0);
    assert.deepEqual(await host.load(good), ["Loaded image: app:1"]);
  },
);

engineTest("an image whose layer isn't what its config says never gets into the list", async (t) => {
  const host = await imageHost(t);
  const other = layer(file("other"));
  const wrong = { ...image, ...madeImage([other], { rootfs: { type: "layers", diff_ids: image.diffIds } }) };
  await assert.rejects(host.load(ociArchive(wrong, named)), /the layer's content is sha256:.* not sha256:/);
  assert.deepEqual(await host.images.list({ all: true, filters: new Map(), sharedSize: false }), []);
});

engineTest("a layer whose entries want out of it is refused, wherever the image comes from", async (t) => {
  const host = await imageHost(t);
  const hostile = madeImage([layer(symlink("out", "/etc"), file("out/passwd", "x"), file("../../x", "y"))]);
  await assert.rejects(host.load(dockerArchive(hostile, ["evil:1"])), { name: /Error/ });
  await assert.rejects(host.images.inspect("evil:1"), { code: "engine-missing" });
});
