import assert from "node:assert/strict";
import { test } from "node:test";
import { syncMirror } from "#pull-through/mirror.ts";
import { oci } from "../harness/registry-content.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import { fillOverRegistry } from "./fill-over-registry.ts";
import { mirrorOf, openMirrors, unseenImages } from "./mirror-places.ts";
import { app, blobsOf, counts, multiPlatform, never } from "./warm-wanted.ts";

const clock = () => 1_000;

test("the tags that match come, and a second round fetches nothing", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  const { index, children } = multiPlatform("linux/amd64", "linux/arm64");
  const [one, other] = [oci.image(), oci.image()];
  await upstream.push("library/app", "v1", index, ...children);
  await upstream.push("library/app", "v2", one);
  await upstream.push("library/app", "edge", other);
  await upstream.push("library/app", `${one.digest.replace(":", "-")}.sig`, oci.image());
  const fill = fillOverRegistry(upstream.url);
  const mirror = mirrorOf();
  await mirrors.putMirror(mirror);
  const told: string[] = [];
  const progress = { ...unseenImages, image: (name: string) => void told.push(name) };
  const first = await syncMirror({ fill, mirrors, clock }, mirror, progress, never);
  assert.deepEqual([counts(first), first.images, first.failed], [[4, 0, 6, 0], 2, []]);
  assert.deepEqual(told.sort(), [`${app}:v1`, `${app}:v2`]);
  assert.deepEqual([...fill.blobs].sort(), blobsOf(...children, one));
  assert.deepEqual(await mirrors.mirrors(), [{ ...mirror, syncedAt: 1_000 }]);

  upstream.front.forget();
  const second = await syncMirror({ fill, mirrors, clock: () => 2_000 }, mirror, unseenImages, never);
  assert.deepEqual([counts(second), second.fault], [[0, 4, 0, 6], undefined]);
  assert.equal(upstream.front.requests("blob").length, 0);
  assert.deepEqual(
    upstream.front
      .requests("manifest")
      .map(({ reference }) => reference)
      .sort(),
    ["v1", "v2"],
  );
  assert.equal((await mirrors.mirrors())[0]?.syncedAt, 2_000);
});

test("tags that are written out are asked for without the list", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  upstream.add("library/app", oci.image(), "v1", "v2");
  const mirror = mirrorOf({ tags: ["v1", "v2"] });
  await mirrors.putMirror(mirror);
  await syncMirror({ fill: fillOverRegistry(upstream.url), mirrors, clock }, mirror, unseenImages, never);
  assert.equal(upstream.count("tags"), 0);
  assert.deepEqual((await mirrors.mirrors())[0], { ...mirror, syncedAt: 1_000 });
});

test("one broken image doesn't stop the others, and is told", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  const images = [oci.image(), oci.image(), oci.image()];
  images.forEach((image, i) => upstream.add("library/app", image, `v${i}`));
  upstream.remove("library/app", images[1]?.blobs[1]?.digest ?? "");
  const fill = fillOverRegistry(upstream.url);
  const mirror = mirrorOf();
  await mirrors.putMirror(mirror);
  const report = await syncMirror({ fill, mirrors, clock }, mirror, unseenImages, never);
  assert.deepEqual([report.images, report.failed.map(({ image }) => image)], [3, [`${app}:v1`]]);
  for (const { digest } of [...(images[0]?.blobs ?? []), ...(images[2]?.blobs ?? [])])
    assert.ok(fill.blobs.has(digest));
  const [recorded] = await mirrors.mirrors();
  assert.match(recorded?.fault ?? "", /^1 of 3 images failed: up\.test\/library\/app:v1: .*is not there$/);
});

test("what keeps a round from beginning is recorded as its fault", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  upstream.add("library/app", oci.image(), "v1");
  const fill = fillOverRegistry(upstream.url);
  const cases = [
    [mirrorOf({ tags: ["w*"] }), /^no tag of up\.test\/library\/app matches w\*$/],
    [mirrorOf({ tags: ["w1"] }), /^1 of 1 images failed: .*w1 is not there$/],
    [mirrorOf({ name: "gone.test/x" as never }), /there is no repository gone\.test\/x; is its upstream/],
  ] as const;
  for (const [mirror, fault] of cases) {
    await mirrors.putMirror(mirror);
    const report = await syncMirror({ fill, mirrors, clock }, mirror, unseenImages, never);
    assert.match(report.fault ?? "", fault);
    const recorded = (await mirrors.mirrors()).find(({ name }) => name === mirror.name);
    assert.deepEqual(recorded, { ...mirror, syncedAt: 1_000, fault: report.fault });
  }
});

test("a mirror that was changed or removed meanwhile ends the round and is left as it is", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  for (const tag of ["v1", "v2", "v3", "v4"]) upstream.add("library/app", oci.image(), tag);
  const changed = mirrorOf({ referrers: true });
  for (const meanwhile of [() => mirrors.putMirror(changed), () => mirrors.removeMirror(app)]) {
    const mirror = mirrorOf();
    await mirrors.putMirror(mirror);
    let done: Promise<unknown> | undefined;
    const progress = { ...unseenImages, expect: () => void (done ??= meanwhile()) };
    const fill = fillOverRegistry(upstream.url);
    const report = await syncMirror({ fill, mirrors, clock }, mirror, progress, never);
    await done;
    assert.ok(report.changed && report.images < 4);
    const left = await mirrors.mirrors();
    assert.deepEqual(left, left.length === 0 ? [] : [changed]);
  }
});

test("a round that is aborted throws, and nothing is recorded", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const mirrors = place.metadata.cached;
  upstream.add("library/app", oci.image(), "v1");
  const mirror = mirrorOf();
  await mirrors.putMirror(mirror);
  const stop = new AbortController();
  const progress = { ...unseenImages, expect: () => stop.abort(new Error("enough")) };
  const parts = { fill: fillOverRegistry(upstream.url), mirrors, clock };
  await assert.rejects(syncMirror(parts, mirror, progress, stop.signal), /enough/);
  assert.deepEqual(await mirrors.mirrors(), [mirror]);
});
