import assert from "node:assert/strict";
import { test } from "node:test";
import { warmImage } from "#pull-through/warm.ts";
import { freshBytes, oci } from "../harness/registry-content.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import { fillOverRegistry } from "./fill-over-registry.ts";
import { app, blobsOf, counts, multiPlatform, never, unseen, v1 } from "./warm-wanted.ts";

const everything = { platforms: [], referrers: false };

test(
  "a second round asks for the tag alone, and a third brings what is new",
  plainUpstream.needed,
  async () => {
    await using upstream = await plainUpstream.start();
    const { index, children } = multiPlatform("linux/amd64", "linux/arm64");
    await upstream.push("library/app", "v1", index, ...children);
    const fill = fillOverRegistry(upstream.url);
    const progress = { expected: 0, came: 0 };
    const told = {
      expect: (bytes: number) => void (progress.expected += bytes),
      add: (bytes: number) => void (progress.came += bytes),
    };
    const first = await warmImage(fill, app, v1, everything, told, never);
    assert.deepEqual(counts(first), [3, 0, 4, 0]);
    assert.deepEqual([...fill.blobs].sort(), blobsOf(...children));
    const bytes = children.flatMap(({ blobs }) => blobs).reduce((sum, blob) => sum + blob.bytes.length, 0);
    assert.deepEqual(progress, { expected: bytes, came: bytes });
    assert.equal(first.bytes, bytes + [index, ...children].reduce((sum, { size }) => sum + size, 0));

    upstream.front.forget();
    const second = await warmImage(fill, app, v1, everything, told, never);
    assert.deepEqual(counts(second), [0, 3, 0, 4]);
    assert.deepEqual(
      upstream.front.seen.map(({ path }) => path),
      ["/v2/library/app/manifests/v1"],
    );
    assert.deepEqual(progress, { expected: bytes, came: bytes });

    const [amd64] = children;
    const shared = amd64?.blobs[1]?.bytes ?? Buffer.of();
    const next = oci.image({ layers: [shared, freshBytes(300)] });
    await upstream.push("library/app", "v1", next);
    const third = await warmImage(fill, app, v1, everything, told, never);
    assert.deepEqual(counts(third), [1, 0, 2, 1]);
  },
);

test("layers that nobody is to distribute are passed over", async () => {
  await using upstream = await startFaultyUpstream();
  const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const foreign = {
    mediaType,
    digest: `sha256:${"0".repeat(64)}`,
    size: 9,
    urls: ["https://example.org/layer"],
  };
  const image = oci.image({ docker: true, layers: [foreign, freshBytes(30)] });
  upstream.add("library/app", image, "v1");
  const report = await warmImage(fillOverRegistry(upstream.url), app, v1, everything, unseen, never);
  assert.deepEqual([counts(report), report.faults], [[1, 0, 2, 0], []]);
});

test("one that is broken is told, and the rest of the image comes", async () => {
  await using upstream = await startFaultyUpstream();
  const { index, children } = multiPlatform("linux/amd64", "linux/arm64", "linux/s390x");
  for (const child of children) upstream.add("library/app", child);
  upstream.add("library/app", index, "v1");
  const [lost, whole, halved] = children;
  upstream.remove("library/app", lost?.digest ?? "");
  upstream.remove("library/app", halved?.blobs[1]?.digest ?? "");
  const fill = fillOverRegistry(upstream.url);
  const report = await warmImage(fill, app, v1, everything, unseen, never);
  assert.deepEqual(counts(report), [3, 0, 3, 0]);
  assert.equal(report.faults.length, 2);
  for (const { digest } of whole?.blobs ?? []) assert.ok(fill.blobs.has(digest));
});

test("what was aborted ends at once, whatever is under way", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  await upstream.push("library/app", "v1", oci.image());
  const release = upstream.front.holdBlobsAfter(0);
  const stop = new AbortController();
  const warming = warmImage(fillOverRegistry(upstream.url), app, v1, everything, unseen, stop.signal);
  while (upstream.front.requests("blob").length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new Error("enough"));
  await assert.rejects(warming, /enough/);
  release();
});
