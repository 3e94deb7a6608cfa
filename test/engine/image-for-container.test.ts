import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { imageHost } from "./harness/image-host.ts";
import { file, hardLink } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";

const base = layer(file("a", "base"));
const image = madeImage([base, layer(file("b", "top"))]);
const sibling = madeImage([base, layer(file("c", "other"))]);

engineTest(
  "create finds an image by name, id, id's beginning and digest, in the list and among what is hosted",
  async (t) => {
    const host = await imageHost(t);
    host.registries.put("localhost:5000/app:latest", image, true);
    const found = await host.images.forContainer("localhost:5000/app", "");
    assert.equal(found.image.id, image.id);
    assert.equal(found.reference, "localhost:5000/app:latest");
    assert.equal(found.image.layers.length, 2);
    assert.deepEqual((await host.images.inspect("localhost:5000/app")).image.tags, [
      "localhost:5000/app:latest",
    ]);
    for (const ref of [
      image.id,
      image.id.slice(7),
      image.id.slice(7, 19),
      `localhost:5000/app@${image.manifest}`,
    ])
      assert.equal((await host.images.forContainer(ref, "")).image.id, image.id, ref);
    assert.equal((await host.images.forContainer(image.id.slice(7, 19), "")).reference, image.id);
  },
);

engineTest(
  "what is neither in the list nor hosted is missing, in the words that make the client pull",
  async (t) => {
    const host = await imageHost(t);
    host.registries.put("docker.io/library/busybox:latest", image, false);
    const missing = (ref: string, message: string) =>
      assert.rejects(host.images.forContainer(ref, ""), { code: "engine-missing", message });
    await missing("busybox", "No such image: busybox:latest");
    await missing("localhost:5000/a/b:1", "No such image: localhost:5000/a/b:1");
    await missing(image.id, `No such image: ${image.id}`);
    await assert.rejects(host.images.forContainer("Busybox", ""), {
      code: "engine-invalid",
      message: "invalid reference format: repository name must be lowercase",
    });
    await assert.rejects(host.images.forContainer("../etc/passwd", ""), {
      message: "invalid reference format",
    });
  },
);

engineTest(
  "layers are unpacked once for all images that have them, also by many creates at once",
  async (t) => {
    const host = await imageHost(t);
    host.registries.put("localhost:5000/a:1", image, true);
    host.registries.put("localhost:5000/b:1", sibling, true);
    const names = ["a", "b", "a", "b", "a", "b"].map((name) => `localhost:5000/${name}:1`);
    const found = await Promise.all(names.map((name) => host.images.forContainer(name, "")));
    assert.equal(host.unpacked(), 3);
    assert.equal(new Set(found.map((one) => one.image.layers[0])).size, 1);
    assert.equal(new Set(found.map((one) => one.image.layers[1])).size, 2);
  },
);

engineTest("a hard link into a layer below is made when that one is there", async (t) => {
  const host = await imageHost(t);
  const linked = madeImage([base, layer(file("x", "y")), layer(hardLink("b", "a"))]);
  await host.load(dockerArchive(linked, ["linked:1"]));
  const { image: found } = await host.images.forContainer("linked:1", "");
  assert.equal(found.layers.length, 3);
});

engineTest("another platform than was asked for is no image", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1"]));
  await assert.rejects(host.images.forContainer("app:1", "linux/arm64"), {
    code: "engine-missing",
    message:
      "image with reference app:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
  });
  assert.equal((await host.images.forContainer("app:1", "linux/amd64")).image.id, image.id);
  await assert.rejects(host.images.forContainer("app:1", "bogus"), {
    code: "engine-invalid",
    message: '"bogus": unknown operating system or architecture: invalid argument',
  });
  const windows = madeImage([base], { os: "windows" });
  host.registries.put("localhost:5000/win:1", windows, true);
  await assert.rejects(host.images.forContainer("localhost:5000/win:1", ""), {
    message: 'image operating system "windows" cannot be used on this platform',
  });
});

engineTest("after a restart the list and its layers are as they were", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1"]));
  const images = await host.again();
  await images.sweep();
  const { image: found } = await images.forContainer("app:1", "");
  assert.equal(found.id, image.id);
  assert.equal(host.unpacked(), 2);
  assert.equal(await host.layerCount(), 2);
});
