import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { digestOf } from "#oci/digest.ts";
import { engineTest } from "./harness/needs.ts";
import { imageHost } from "./harness/image-host.ts";
import { file, hardLink, symlink } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage, ociArchive } from "./harness/made-image.ts";
import { gathered, namesIn } from "./harness/overlay.ts";

const image = madeImage([layer(file("a", "base")), layer(file("b", "top"))]);

engineTest(
  "what an old docker saved is loaded: plain layers, then its id and its names are the same",
  async (t) => {
    const host = await imageHost(t);
    assert.deepEqual(await host.load(dockerArchive(image, ["app:1", "localhost:5000/x/app:2"])), [
      "Loaded image: app:1",
      "Loaded image: localhost:5000/x/app:2",
    ]);
    const { image: loaded } = await host.images.inspect("app:1");
    assert.equal(loaded.id, image.id);
    assert.deepEqual(loaded.tags, ["docker.io/library/app:1", "localhost:5000/x/app:2"]);
    assert.equal(loaded.layers?.length, 2);
    assert.equal(loaded.size, "base".length + "top".length);
  },
);

engineTest("a saved archive is docker's and OCI's at once, and comes back byte for byte", async (t) => {
  const host = await imageHost(t);
  await host.load(ociArchive(image, { "io.containerd.image.name": "docker.io/library/app:1" }));
  assert.equal((await host.images.inspect("app:1")).image.manifest, image.manifest);
  await host.images.tag("app:1", "other", "2");
  const tar = await gathered(await host.images.save(["app", "other:2"]));
  const names = await namesIn(tar);
  for (const name of ["index.json", "manifest.json", "oci-layout", "repositories"])
    assert.ok(names.includes(name));
  assert.equal(names.filter((name) => /^blobs\/sha256\/./.test(name)).length, 4);

  const second = await imageHost(t);
  assert.deepEqual(await second.load(gzipSync(tar)), ["Loaded image: app:1", "Loaded image: other:2"]);
  const { image: loaded } = await second.images.inspect("other:2");
  assert.equal(loaded.id, image.id);
  assert.equal(loaded.manifest, image.manifest);
  await assert.rejects(host.images.save(["nosuch:1"]), {
    code: "engine-missing",
    message: "reference does not exist",
  });
  await assert.rejects(host.images.save(["nosuch"]), { message: "No such image: nosuch" });
});

engineTest(
  "an image without a name is told by its id; a name moves away from the image that had it",
  async (t) => {
    const host = await imageHost(t);
    assert.deepEqual(await host.load(ociArchive(image, {})), [`Loaded image ID: ${image.id}`]);
    const newer = madeImage([layer(file("a", "newer"))]);
    await host.load(dockerArchive(image, ["app:1"]));
    assert.deepEqual(await host.load(dockerArchive(newer, ["app:1"])), [
      `The image app:1 already exists, renaming the old one with ID ${image.id} to empty string`,
      "Loaded image: app:1",
    ]);
    assert.equal((await host.images.inspect("app:1")).image.id, newer.id);
    assert.deepEqual((await host.images.inspect(image.id)).image.tags, []);
  },
);

engineTest("layers that are links to others inside of the archive are found", async (t) => {
  const host = await imageHost(t);
  const one = madeImage([layer(file("a", "same"))]);
  const links = [
    symlink("x/layer.tar", `../${one.diffIds[0]?.slice(7)}/layer.tar`),
    hardLink("y.tar", "x/layer.tar"),
  ];
  const archive = dockerArchive(one, ["linked:1"], links, { Layers: ["y.tar"] });
  assert.deepEqual(await host.load(archive), ["Loaded image: linked:1"]);
});

engineTest("uncompressed layers of an OCI layout are kept compressed", async (t) => {
  const host = await imageHost(t);
  const archive = ociArchive(plain(), { "io.containerd.image.name": "docker.io/library/app:plain" });
  await host.load(archive);
  const { image: loaded } = await host.images.inspect("app:plain");
  const manifest = JSON.parse(
    Buffer.from((await host.content.read(loaded.manifest, 1e6)) ?? []).toString(),
  ) as {
    layers: { mediaType: string }[];
  };
  assert.deepEqual(
    manifest.layers.map(({ mediaType }) => mediaType),
    Array(2).fill("application/vnd.docker.image.rootfs.diff.tar.gzip"),
  );
});

/** The image with its layers as they are. */
function plain() {
  const mediaType = "application/vnd.oci.image.layer.v1.tar";
  const layers = image.tars.map((tar, i) => ({ mediaType, digest: image.diffIds[i]!, size: tar.length }));
  const manifestBytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: image.manifestType, config: image.config, layers }),
  );
  return {
    ...image,
    layers,
    manifestBytes,
    manifest: digestOf("sha256", manifestBytes),
    blobs: new Map([
      [image.id, image.configBytes],
      ...image.tars.map((tar, i) => [image.diffIds[i]!, tar] as const),
      [digestOf("sha256", manifestBytes), manifestBytes],
    ]),
  };
}

engineTest("the bytes of a saved archive are its reader's, who may gather all of them", async (t) => {
  const host = await imageHost(t);
  const large = madeImage([layer(file("noise", "", { body: randomBytes(3_000_000) }))]);
  await host.load(ociArchive(large, { "io.containerd.image.name": "docker.io/library/large:1" }));
  const tar = await gathered(await host.images.save(["large:1"]));
  assert.deepEqual(await (await imageHost(t)).load(tar), ["Loaded image: large:1"]);
});
