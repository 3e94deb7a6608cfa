import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { oci } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";

const repository = "/v2/docker.io/library/busybox";

async function referrers({ client }: TestCache, subject: string, query = "") {
  const answer = await client.get(`${repository}/referrers/${subject}${query}`);
  expectStatus(answer, 200);
  const { manifests } = JSON.parse(answer.body.toString()) as { manifests: { digest: string }[] };
  return { digests: manifests.map(({ digest }) => digest), cache: answer.headers.get("x-cache") };
}

test("tags are the upstream's, page by page, and the cached ones when it is gone", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image();
  for (const tag of ["1", "2", "3", "latest"]) upstream.add("library/busybox", image, tag);
  const seen: string[] = [];
  let pages = 0;
  for (let path = `${repository}/tags/list?n=3`; path !== "" && pages < 10; pages++) {
    const page = await cache.client.get(path);
    const { name, tags } = JSON.parse(page.body.toString()) as { name: string; tags: string[] };
    assert.equal(name, "docker.io/library/busybox");
    seen.push(...tags);
    path = /<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? "";
  }
  assert.deepEqual([seen, pages], [["1", "2", "3", "latest"], 2]);
  await cache.client.get(`${repository}/manifests/2`);
  await upstream.stop();
  const left = await cache.client.get(`${repository}/tags/list`);
  assert.deepEqual(JSON.parse(left.body.toString()), { name: "docker.io/library/busybox", tags: ["2"] });
  assert.equal(left.headers.get("x-cache"), "STALE");
  expectStatus(await cache.client.get("/v2/docker.io/library/never/tags/list"), 502);
});

test("referrers are the upstream's, filtered here, and the last ones heard of when it is gone", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 0 });
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  const [signature, sbom] = ["application/vnd.example.signature", "application/vnd.example.sbom"].map(
    (artifactType) => oci.image({ artifactType, subject: image.descriptor }),
  );
  assert.ok(signature && sbom);
  upstream.add("library/busybox", signature);
  upstream.add("library/busybox", sbom);
  const all = [signature.digest, sbom.digest].sort();
  assert.deepEqual((await referrers(cache, image.digest)).digests, all);
  const filtered = await referrers(cache, image.digest, "?artifactType=application/vnd.example.sbom");
  assert.deepEqual(filtered.digests, [sbom.digest]);
  assert.equal((await referrers(cache, image.digest, "?n=1")).digests.length, 1);
  await upstream.stop();
  assert.deepEqual(await referrers(cache, image.digest), { digests: all, cache: "STALE" });
});

test("an upstream without the referrers API: its referrers tag schema is read", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image();
  const signature = oci.image({ artifactType: "application/vnd.example.signature" });
  upstream.add("library/busybox", image, "latest");
  upstream.add("library/busybox", signature);
  const index = oci.index({ manifests: [signature.descriptor] });
  upstream.add("library/busybox", index, image.digest.replace(":", "-"));
  upstream.harm("referrers", { status: 404 });
  assert.deepEqual((await referrers(cache, image.digest)).digests, [signature.digest]);
});
