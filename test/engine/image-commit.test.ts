import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { imageHost, type ImageHost } from "./harness/image-host.ts";
import { file, folder } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";
import { gathered, pieces } from "./harness/overlay.ts";
import { sampleRecord } from "./harness/sample-container.ts";

const image = madeImage([layer(file("a", "base"))]);

async function container(host: ImageHost) {
  await host.load(dockerArchive(image, ["app:1"]));
  const { image: used } = await host.images.forContainer("app:1", "");
  const record = { ...sampleRecord(), image: used.id, layers: used.layers };
  host.containers.push(record);
  return record;
}

const nothing = { config: {}, changes: [], repo: "", tag: "", comment: "", author: "" };

engineTest("a container's writable part becomes an image on top of its own", async (t) => {
  const host = await imageHost(t);
  const record = await container(host);
  const id = await host.images.commit({
    record,
    ...nothing,
    config: { Env: ["B=2"], User: "worker" },
    changes: ['CMD ["run"]', "LABEL x=y"],
    repo: "docker.io/library/made",
    tag: "1",
    comment: "why",
    author: "me",
    diff: pieces(layer(folder("d/"), file("d/new", "12345"))),
  });
  const { image: made, parent } = await host.images.inspect("made:1");
  assert.equal(made.id, id);
  assert.equal(parent, image.id);
  assert.equal(made.size, "base".length + 5);
  assert.deepEqual(made.config.rootfs.diff_ids.length, 2);
  const { Env, Cmd, User, Labels, ExposedPorts } = made.config.config;
  assert.deepEqual(Env, ["B=2", "PATH=/bin"]);
  assert.deepEqual([Cmd, User], [["run"], "worker"]);
  assert.deepEqual(Labels, { "com.example.a": "b", x: "y" });
  assert.deepEqual(ExposedPorts, { "80/tcp": {}, "81/tcp": {} });
  const history = await host.images.history("made:1");
  assert.deepEqual(
    history.map(({ id: at, created_by, size, tags, comment }) => [
      at,
      created_by,
      size,
      tags.length,
      comment,
    ]),
    [
      [id, "sh -c sleep 60", 5, 1, "why"],
      [image.id, "layer 0", 4, 1, undefined],
    ],
  );

  const again = await imageHost(t);
  await again.load(await gathered(await host.images.save(["made:1"])));
  assert.equal((await again.images.forContainer("made:1", "")).image.layers.length, 2);
});

engineTest(
  "the image below can't be deleted, and goes with the last one made from it when it has no name",
  async (t) => {
    const host = await imageHost(t);
    const record = await container(host);
    const id = await host.images.commit({ record, ...nothing, diff: pieces(layer(file("x", "y"))) });
    host.containers.length = 0;
    await assert.rejects(host.images.remove(image.id, { force: true, prune: true }), {
      code: "engine-conflict",
      message: `conflict: unable to delete ${image.id.slice(7, 19)} (cannot be forced) - image has dependent child images`,
    });
    assert.deepEqual(await host.images.remove("app:1", { force: false, prune: true }), [
      { Untagged: "app:1" },
    ]);
    const shown = await host.images.list({ all: false, filters: new Map(), sharedSize: false });
    assert.deepEqual(
      shown.map((one) => one.image.id),
      [id],
    );
    const removed = await host.images.remove(id, { force: false, prune: true });
    assert.deepEqual(removed[0], { Deleted: id });
    assert.ok(removed.some((line) => "Deleted" in line && line.Deleted === image.id));
  },
);

engineTest("a container that wrote nothing gives an image without a new layer", async (t) => {
  const host = await imageHost(t);
  const record = await container(host);
  const id = await host.images.commit({ record, ...nothing, diff: pieces(Buffer.alloc(10_240)) });
  const { image: made } = await host.images.inspect(id);
  assert.deepEqual(made.config.rootfs.diff_ids, image.diffIds);
  assert.equal(made.config.history.at(-1)?.empty_layer, true);
});

engineTest(
  "a commit whose image is gone, whose name is none, or whose stream breaks leaves nothing",
  async (t) => {
    const host = await imageHost(t);
    const record = await container(host);
    const diff = () => pieces(layer(file("x", "y")));
    await assert.rejects(host.images.commit({ record, ...nothing, repo: "Bad", diff: diff() }), {
      message: "invalid reference format: repository name must be lowercase",
    });
    await assert.rejects(host.images.commit({ record, ...nothing, repo: "a", tag: "b/c", diff: diff() }), {
      message: "invalid tag format",
    });
    await assert.rejects(host.images.commit({ record, ...nothing, config: { Env: [7] }, diff: diff() }), {
      code: "engine-invalid",
      message: "the config is refused: config.Env[0] is not a text",
    });
    async function* broken() {
      yield* pieces(layer(file("x", "y")).subarray(0, 512));
      throw new Error("the disk is gone");
    }
    await assert.rejects(host.images.commit({ record, ...nothing, diff: broken() }), {
      message: "the disk is gone",
    });
    record.state.status = "exited";
    await host.images.remove("app:1", { force: true, prune: true });
    await assert.rejects(host.images.commit({ record, ...nothing, diff: diff() }), {
      code: "engine-missing",
      message: `No such image: ${image.id}`,
    });
    assert.deepEqual(await host.images.list({ all: true, filters: new Map(), sharedSize: false }), []);
  },
);
