import assert from "node:assert/strict";
import type { ContainerStatus } from "#core/engine/container.ts";
import type { Digest } from "#oci/digest.ts";
import { engineTest } from "./harness/needs.ts";
import { imageHost, type ImageHost } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";
import { sampleRecord } from "./harness/sample-container.ts";

const base = layer(file("a", "base"));
const image = madeImage([base, layer(file("b", "top"))]);
const sibling = madeImage([base, layer(file("c", "other"))]);
const short = (id: Digest) => id.slice(7, 19);
const plain = { force: false, prune: true };
const forced = { force: true, prune: true };

async function use(host: ImageHost, ref: string, status: ContainerStatus) {
  const { image: used } = await host.images.forContainer(ref, "");
  const sample = sampleRecord();
  host.containers.push({
    ...sample,
    image: used.id,
    layers: used.layers,
    state: { ...sample.state, status },
    config: { ...sample.config, Image: ref },
  });
  return sample.id.slice(0, 12);
}

engineTest(
  "a name is taken away; the image goes with its last one, and its layers that no other image has",
  async (t) => {
    const host = await imageHost(t);
    await host.load(dockerArchive(image, ["app:1", "app:2"]));
    await host.load(dockerArchive(sibling, ["other:1"]));
    assert.deepEqual(await host.images.remove("app:1", plain), [{ Untagged: "app:1" }]);
    const removed = await host.images.remove("app:2", plain);
    assert.deepEqual(removed.slice(0, 2), [{ Untagged: "app:2" }, { Deleted: image.id }]);
    // The upper one's chain; the lower one belongs to the other image, too.
    assert.equal(removed.length, 3);
    assert.notDeepEqual(removed[2], { Deleted: image.diffIds[1] });
    await assert.rejects(host.images.inspect("app:2"), {
      code: "engine-missing",
      message: "no such image: app:2: No such image: app:2",
    });
    await assert.rejects(host.images.remove("app:2", plain), { message: "No such image: app:2" });
    assert.equal((await host.images.inspect("other:1")).image.id, sibling.id);
    const last = await host.images.remove("other", plain).catch((error: Error) => error.message);
    assert.equal(last, "No such image: other:latest");
    assert.equal((await host.images.remove("other:1", plain)).length, 4);
  },
);

engineTest("by id: one name goes with it, several must be forced", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1", "app:2"]));
  await assert.rejects(host.images.remove(short(image.id), plain), {
    code: "engine-conflict",
    message: `conflict: unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
  });
  await host.images.remove("app:1", plain);
  const removed = await host.images.remove(image.id, plain);
  assert.deepEqual(removed.slice(0, 2), [{ Untagged: "app:2" }, { Deleted: image.id }]);
  await host.load(dockerArchive(image, ["app:1", "x/y:2"]));
  assert.deepEqual((await host.images.remove(short(image.id), forced)).slice(0, 3), [
    { Untagged: "app:1" },
    { Untagged: "x/y:2" },
    { Deleted: image.id },
  ]);
});

engineTest(
  "an image that a container uses keeps its last name unless forced; a running one is never deleted",
  async (t) => {
    const host = await imageHost(t);
    await host.load(dockerArchive(image, ["app:1", "app:2"]));
    const container = await use(host, "app:1", "running");
    assert.deepEqual(await host.images.remove("app:1", plain), [{ Untagged: "app:1" }]);
    await assert.rejects(host.images.remove("app:2", plain), {
      code: "engine-conflict",
      message: `conflict: unable to remove repository reference "app:2" (must force) - container ${container} is using its referenced image ${short(image.id)}`,
    });
    await assert.rejects(host.images.remove(short(image.id), forced), {
      message: `conflict: unable to delete ${short(image.id)} (cannot be forced) - image is being used by running container ${container}`,
    });
    assert.deepEqual(await host.images.remove("app:2", forced), [{ Untagged: "app:2" }]);
    assert.equal((await host.images.inspect(image.id)).image.tags.length, 0);

    const [running] = host.containers;
    assert.ok(running);
    running.state.status = "exited";
    await assert.rejects(host.images.remove(image.id, plain), {
      message: `conflict: unable to delete ${short(image.id)} (must be forced) - image is being used by stopped container ${container}`,
    });
  },
);

engineTest(
  "an image deleted under a stopped container: its layers stay until the container goes",
  async (t) => {
    const host = await imageHost(t, { clock: () => (now += 120_000) });
    let now = Date.now();
    await host.load(dockerArchive(image, ["app:1"]));
    await use(host, "app:1", "exited");
    const [container] = host.containers;
    assert.ok(container);
    assert.equal(host.images.nameOf(container), "app:1");
    assert.deepEqual(await host.images.remove("app:1", forced), [
      { Untagged: "app:1" },
      { Deleted: image.id },
    ]);
    assert.equal(host.images.nameOf(container), image.id);
    assert.equal(await host.layerCount(), 2);
    assert.equal(await host.blobCount(), 0);
    host.containers.length = 0;
    await host.images.tidy();
    assert.equal(await host.layerCount(), 0);
  },
);

engineTest("what the list does never reaches a registry", async (t) => {
  const host = await imageHost(t);
  host.registries.put("localhost:5000/app:1", image, true);
  await host.images.forContainer("localhost:5000/app:1", "");
  await host.images.remove("localhost:5000/app:1", plain);
  await assert.rejects(host.images.inspect("localhost:5000/app:1"), { code: "engine-missing" });
  assert.equal((await host.images.forContainer("localhost:5000/app:1", "")).image.id, image.id);
  assert.deepEqual(host.registries.pushed, []);
});
