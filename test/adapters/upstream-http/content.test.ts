import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import {
  blobOf,
  bytesOf,
  digest,
  limit,
  manifestOf,
  repository,
  sameBytes,
  soon,
  tag,
  upstreamOf,
} from "./asked.ts";

test("a manifest comes byte for byte, by tag and by digest, with what the upstream says of it", async () => {
  await using server = await startFaultyUpstream();
  const image = oci.image();
  server.add("library/busybox", image, "latest");
  await using upstream = upstreamOf(server.url);
  for (const reference of [tag(), digest(image.digest)]) {
    const found = await manifestOf(upstream, reference);
    assert.notEqual(found, "unchanged");
    if (found === "unchanged") return;
    sameBytes(found.bytes, image.bytes);
    assert.equal(found.mediaType, image.mediaType);
    assert.equal(found.digest, image.digest);
  }
  const head = await upstream.head(repository(), tag(), undefined, soon());
  assert.deepEqual(head, { digest: image.digest, mediaType: image.mediaType, size: image.size });
});

test("a tag that still names the known digest is unchanged, without a body", async () => {
  await using server = await startFaultyUpstream();
  const [image, next] = [oci.image(), oci.image()];
  server.add("library/busybox", image, "latest");
  await using upstream = upstreamOf(server.url);
  const known = digest(image.digest);
  assert.equal(await upstream.head(repository(), tag(), known, soon()), "unchanged");
  assert.equal(await upstream.manifest(repository(), tag(), known, limit, soon()), "unchanged");
  assert.equal(server.bytes(), 0);
  server.add("library/busybox", next, "latest");
  const head = await upstream.head(repository(), tag(), known, soon());
  assert.equal(head !== "unchanged" && head.digest, next.digest);
});

test("manifests are asked for by the types that can be stored, never schema 1, uncompressed", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  await using upstream = upstreamOf(server.url);
  await manifestOf(upstream);
  const { accept = "", ...headers } = server.requests[0]?.headers ?? {};
  for (const type of ["oci.image.index.v1", "manifest.list.v2", "oci.image.manifest.v1", "manifest.v2"])
    assert.ok(String(accept).includes(type), type);
  assert.doesNotMatch(String(accept), /docker\.distribution\.manifest\.v1|\*/);
  assert.equal(headers["accept-encoding"], "identity");
  assert.equal(headers["user-agent"], "berth-test");
});

test("a blob comes whole or from where it is asked for", async () => {
  await using server = await startFaultyUpstream();
  const bytes = freshBytes(300_000);
  const id = digest(server.addBlob("library/busybox", bytes));
  await using upstream = upstreamOf(server.url);
  assert.equal(await upstream.blobSize(repository(), id, soon()), bytes.length);
  const whole = await upstream.blob(repository(), id, 0, soon());
  assert.deepEqual([whole.from, whole.size], [0, bytes.length]);
  sameBytes(await bytesOf(whole), bytes);
  const rest = await upstream.blob(repository(), id, 100_000, soon());
  assert.deepEqual([rest.from, rest.size], [100_000, bytes.length]);
  sameBytes(await bytesOf(rest), bytes.subarray(100_000));
});

test("an upstream without ranges begins anew, and says so", async () => {
  await using server = await startFaultyUpstream();
  const bytes = freshBytes(10_000);
  const id = digest(server.addBlob("library/busybox", bytes));
  server.harm("blob", "no-ranges");
  await using upstream = upstreamOf(server.url);
  const answer = await upstream.blob(repository(), id, 4_000, soon());
  assert.deepEqual([answer.from, answer.size], [0, bytes.length]);
  sameBytes(await bytesOf(answer), bytes);
});

test("tags come in the upstream's pages", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "a", "b", "c", "d", "e");
  await using upstream = upstreamOf(server.url);
  const page = (limit: number, last?: string) => upstream.tags(repository(), { limit, last }, soon());
  assert.deepEqual(await page(2), { tags: ["a", "b"], more: true });
  assert.deepEqual(await page(2, "b"), { tags: ["c", "d"], more: true });
  assert.deepEqual(await page(2, "d"), { tags: ["e"], more: false });
  server.pageSize = 3;
  assert.deepEqual(await page(100), { tags: ["a", "b", "c"], more: true });
});

test("an upstream that gives all tags whatever it is asked ends all the same", async () => {
  await using server = await startFaultyUpstream();
  const all = JSON.stringify({ name: "library/busybox", tags: ["c", "a", "b", "not a tag", 7] });
  server.harm("tags", { status: 200, body: all });
  await using upstream = upstreamOf(server.url);
  const page = (last?: string) => upstream.tags(repository(), { limit: 2, last }, soon());
  assert.deepEqual(await page(), { tags: ["c", "a"], more: true });
  assert.deepEqual(await page("a"), { tags: ["b"], more: false });
});

test("referrers come from all pages of the API, up to the limit", async () => {
  await using server = await startFaultyUpstream();
  const image = oci.image();
  server.add("library/busybox", image, "latest");
  const kinds = ["a/sig", "a/sbom", "a/sig"];
  const signed = kinds.map((artifactType) =>
    oci.image({ artifactType, subject: image.descriptor, annotations: { of: artifactType } }),
  );
  for (const each of signed) server.add("library/busybox", each);
  server.pageSize = 1;
  await using upstream = upstreamOf(server.url);
  const list = (limit: number) => upstream.referrers(repository(), digest(image.digest), limit, soon());
  const all = await list(10);
  assert.deepEqual(
    all.map((each) => [each.digest, each.artifactType, each.annotations?.of, each.size]),
    signed.map((each, i) => [each.digest, kinds[i], kinds[i], each.size]),
  );
  assert.equal((await list(2)).length, 2);
  assert.deepEqual(await upstream.referrers(repository(), digest(signed[0]?.digest ?? ""), 10, soon()), []);
});

test("an upstream without the referrers API is asked for the tag that stands for it", async () => {
  await using server = await startFaultyUpstream();
  server.harm("referrers", "gone");
  const image = oci.image();
  const signature = oci.image({ artifactType: "a/sig", subject: image.descriptor });
  server.add("library/busybox", image, "latest");
  await using upstream = upstreamOf(server.url);
  const list = () => upstream.referrers(repository(), digest(image.digest), 10, soon());
  assert.deepEqual(await list(), []);
  const index = oci.index({
    manifests: [{ ...signature.descriptor, artifactType: "a/sig" }, { digest: "?" } as never],
  });
  server.add("library/busybox", index, image.digest.replace(":", "-"));
  const found = await list();
  assert.deepEqual(
    found.map(({ digest, artifactType }) => [digest, artifactType]),
    [[signature.digest, "a/sig"]],
  );
});

test("a list of referrers that leads to another server isn't followed", async () => {
  await using server = await startFaultyUpstream();
  const image = oci.image();
  server.add("library/busybox", image, "latest");
  server.harm("referrers", { headers: { link: '<http://127.0.0.1:1/v2/x/referrers/y>; rel="next"' } });
  await using upstream = upstreamOf(server.url);
  await assert.rejects(upstream.referrers(repository(), digest(image.digest), 10, soon()), {
    code: "upstream-wrong",
  });
});

test("the upstream may lie below a path", async () => {
  await using server = await startFaultyUpstream();
  await using upstream = upstreamOf(`${server.url}/registry/`);
  await assert.rejects(manifestOf(upstream), { code: "upstream-unknown" });
  assert.equal(server.requests[0]?.path, "/registry/v2/library/busybox/manifests/latest");
});

test("connections are used again", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const id = server.addBlob("library/busybox", freshBytes(1_000));
  await using upstream = upstreamOf(server.url);
  for (let i = 0; i < 10; i++) {
    await upstream.head(repository(), tag(), undefined, soon());
    await manifestOf(upstream);
    await blobOf(upstream, id);
    await assert.rejects(manifestOf(upstream, tag("none")));
  }
  assert.ok(server.connections <= 2, `${server.connections} for ${server.count()} requests`);
});
