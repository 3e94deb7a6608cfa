import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { imageHost, type ImageHost } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";
import { sampleRecord } from "./harness/sample-container.ts";

const base = layer(file("a", "base"));
const old = madeImage([base], { created: "2026-01-01T00:00:00Z", config: { Labels: { tier: "low" } } });
const middle = madeImage([base, layer(file("b", "12"))], {
  created: "2026-02-01T00:00:00Z",
  config: { Labels: { tier: "mid" } },
});
const young = madeImage([layer(file("c", "123"))], { created: "2026-03-01T00:00:00Z" });

async function filled(host: ImageHost) {
  await host.load(dockerArchive(old, ["busybox:1", "localhost:5000/team/app:1"]));
  await host.load(dockerArchive(middle, ["busybox:2"]));
  await host.load(dockerArchive(young, null));
}

engineTest("the list is newest first and knows docker's filters", async (t) => {
  const host = await imageHost(t);
  await filled(host);
  const ids = async (...filters: [string, string][]) => {
    const given = new Map<string, string[]>();
    for (const [key, value] of filters) given.set(key, [...(given.get(key) ?? []), value]);
    const shown = await host.images.list({ all: false, filters: given, sharedSize: false });
    return shown.map(({ image }) => image.id);
  };
  assert.deepEqual(await ids(), [young.id, middle.id, old.id]);
  assert.deepEqual(await ids(["dangling", "true"]), [young.id]);
  assert.deepEqual(await ids(["dangling", "false"]), [middle.id, old.id]);
  assert.deepEqual(await ids(["label", "tier"]), [middle.id, old.id]);
  assert.deepEqual(await ids(["label", "tier=mid"]), [middle.id]);
  assert.deepEqual(await ids(["label", "tier"], ["label", "tier=low"]), [old.id]);
  assert.deepEqual(await ids(["before", "busybox:2"]), [old.id]);
  assert.deepEqual(await ids(["since", "busybox:1"]), [young.id, middle.id]);
  assert.deepEqual(await ids(["until", "2026-02-15T00:00:00Z"]), [middle.id, old.id]);
  assert.deepEqual(await ids(["reference", "busy*"]), [middle.id, old.id]);
  assert.deepEqual(await ids(["reference", "busybox:[2-9]"]), [middle.id]);
  assert.deepEqual(await ids(["reference", "*app"]), []);
  assert.deepEqual(await ids(["reference", "localhost:5000/*/app"], ["reference", "nosuch"]), [old.id]);
  const [only] = await host.images.list({
    all: false,
    filters: new Map([["reference", ["busybox:1"]]]),
    sharedSize: false,
  });
  assert.deepEqual(only?.image.tags, ["docker.io/library/busybox:1"]);
  await assert.rejects(ids(["color", "red"]), { code: "engine-invalid", message: "Invalid filter 'color'" });
  await assert.rejects(ids(["dangling", "maybe"]), { message: "Invalid filter 'dangling=[maybe]'" });
  await assert.rejects(ids(["before", "nosuch"]), { message: "No such image: nosuch:latest" });
  await assert.rejects(ids(["reference", "a["]), {
    code: "engine-invalid",
    message: "syntax error in pattern",
  });
  assert.deepEqual(await ids(["reference", `${"*b".repeat(5000)}`]), []);
});

engineTest("what images share is counted for `system df`", async (t) => {
  const host = await imageHost(t);
  await filled(host);
  host.containers.push({ ...sampleRecord(), image: old.id });
  const shown = await host.images.list({ all: true, filters: new Map(), sharedSize: true });
  assert.deepEqual(
    shown.map(({ sharedSize, containers, image }) => [sharedSize, containers, image.size]),
    [
      [0, 0, 3],
      [4, 0, 6],
      [4, 1, 4],
    ],
  );
  assert.equal(await host.images.layerBytes(), 4 + 2 + 3);
});

engineTest("prune takes images without a tag; all of it takes what no container uses", async (t) => {
  let now = Date.parse("2026-03-15T00:00:00Z");
  const host = await imageHost(t, { clock: () => (now += 120_000) });
  await filled(host);
  await assert.rejects(host.images.prune(new Map([["color", ["red"]]])), {
    message: "Invalid filter 'color'",
  });
  await assert.rejects(host.images.prune(new Map([["until", ["zz"]]])), {
    code: "engine-invalid",
  });
  assert.deepEqual((await host.images.prune(new Map([["until", ["720h"]]]))).removed, []);
  const dangling = await host.images.prune(new Map());
  assert.deepEqual(dangling, {
    removed: [{ Deleted: young.id }, { Deleted: young.diffIds[0] }],
    reclaimed: 3,
  });

  host.containers.push({ ...sampleRecord(), image: old.id });
  const all = new Map([["dangling", ["false"]]]);
  assert.deepEqual(await host.images.prune(new Map([...all, ["label!", ["tier"]]])), {
    removed: [],
    reclaimed: 0,
  });
  const { removed, reclaimed } = await host.images.prune(all);
  assert.deepEqual(removed.slice(0, 2), [{ Untagged: "busybox:2" }, { Deleted: middle.id }]);
  assert.equal(reclaimed, 2);
  assert.equal(await host.layerCount(), 1);
  assert.equal((await host.images.inspect("busybox:1")).image.id, old.id);
});
