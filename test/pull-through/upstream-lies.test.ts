import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { freshBytes, oci, type ManifestContent } from "../harness/registry-client.ts";
import type { Faults } from "../upstreams/faulty-upstream.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";

const repository = "/v2/docker.io/library/busybox";
/** Larger than what is received in memory, and small. */
const sizes = { large: 700_000, small: 3_000 };

/** The whole answer, or undefined when the connection broke off. */
async function got({ client }: TestCache, path: string) {
  try {
    return await client.get(path);
  } catch {
    return undefined;
  }
}

/** A blob that is lied about is never served as good, never kept, and comes as soon as the upstream is honest. */
function blobLie(name: string, fault: Faults, timeout = 2_000): void {
  for (const [size, length] of Object.entries(sizes))
    test(`${name}, ${size} blob`, async () => {
      await using upstream = await startFaultyUpstream();
      await using cache = await startCache(upstream, { timeout, missing_ttl: 1 });
      const image = oci.image({ layers: [freshBytes(length)] });
      upstream.add("library/busybox", image, "latest");
      const [, layer] = image.blobs;
      assert.ok(layer);
      assert.equal((await cache.client.get(`${repository}/manifests/latest`)).status, 200);
      upstream.harm("blob", fault);
      const bad = await got(cache, `${repository}/blobs/${layer.digest}`);
      assert.ok(
        bad === undefined || bad.status >= 400,
        `it answered ${bad?.status} with ${bad?.body.length} bytes`,
      );
      upstream.heal();
      // A fetch that broke off ends a moment after its client was told.
      const good = await cache.client.get(`${repository}/blobs/${layer.digest}`);
      assert.equal(good.status, 200, good.body.toString());
      assert.equal(good.headers.get("x-cache"), "MISS", "nothing of the lie was kept");
      assert.deepEqual(good.body, layer.bytes);
    });
}

describe("an upstream that lies about a blob", () => {
  blobLie("other bytes than the digest's", "wrong-digest");
  blobLie("fewer bytes than there are", "short");
  blobLie("more bytes than there are", "long");
  blobLie("a Content-Length that is too long", "length-too-long");
  blobLie("a Content-Length that is too short", "length-too-short");
  blobLie("gzip that nobody asked for", "gzip");
  blobLie("a sign-in page with 200", "html");
  blobLie("a body without end", "endless");
  blobLie("a connection reset in the middle, and no Range", ["reset-mid-body", "no-ranges"]);
  blobLie("another Range than was asked for", ["reset-mid-body", "wrong-range"]);
  blobLie("a loop of redirects", "redirect-loop");
  blobLie("a loop of 401s", "unauthorized");
  blobLie("a redirect to a metadata address", { redirect: "http://169.254.169.254/latest/meta-data" });
  blobLie("a redirect to another address of this machine", { redirect: "http://127.0.0.2:9/blob" });
  blobLie("a redirect to a file", { redirect: "file:///etc/passwd" });
});

/** A manifest that is lied about: an error, nothing kept, and the good one afterwards. */
function manifestLie(
  name: string,
  fault: Faults,
  ways: readonly ("tag" | "digest")[] = ["tag", "digest"],
): void {
  for (const how of ways)
    test(`${name}, by ${how}`, async () => {
      await using upstream = await startFaultyUpstream();
      await using cache = await startCache(upstream, { timeout: 2_000, missing_ttl: 1 });
      const image: ManifestContent = oci.image();
      upstream.add("library/busybox", image, "latest");
      const reference = how === "tag" ? "latest" : image.digest;
      upstream.harm("manifest", fault);
      const bad = await cache.client.get(`${repository}/manifests/${reference}`);
      assert.equal(bad.status, 502, bad.body.toString());
      assert.match(bad.body.toString(), /docker\.io/, "the error names the upstream");
      upstream.heal();
      const good = await cache.client.get(`${repository}/manifests/${reference}`);
      assert.equal(good.status, 200, good.body.toString());
      assert.equal(good.headers.get("x-cache"), "MISS");
      assert.deepEqual(good.body, image.bytes);
    });
}

describe("an upstream that lies about a manifest", () => {
  manifestLie("other bytes than the digest's", "wrong-digest");
  // By digest only the bytes count.
  manifestLie("the digest of something else", "other-digest", ["tag"]);
  manifestLie("half of it", "short");
  manifestLie("gzip that nobody asked for", "gzip");
  manifestLie("a sign-in page with 200", "html");
  manifestLie("a body without end", "endless");
  manifestLie("a type that no image has", "foreign-type");
  manifestLie("a loop of 401s", "unauthorized");
  manifestLie("a loop of redirects", "redirect-loop");
});

test("one byte a second is given up", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { timeout: 300 });
  const image = oci.image({ layers: [freshBytes(sizes.large)] });
  upstream.add("library/busybox", image, "latest");
  upstream.harm("blob", "drip");
  const answer = await got(cache, `${repository}/blobs/${image.blobs[1]?.digest}`);
  assert.ok(answer === undefined || answer.status === 502);
});

test("HEAD without a digest: the tag is asked for by GET, and is as good", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 0 });
  const [first, second] = [oci.image(), oci.image()];
  upstream.add("library/busybox", first, "latest");
  upstream.harm("manifest", "no-digest");
  const digests: (string | undefined)[] = [];
  const states: (string | undefined)[] = [];
  for (const image of [first, first, second]) {
    upstream.add("library/busybox", image, "latest");
    const answer = await cache.client.get(`${repository}/manifests/latest`);
    digests.push(answer.headers.get("docker-content-digest"));
    states.push(answer.headers.get("x-cache"));
  }
  assert.deepEqual(digests, [first.digest, first.digest, second.digest]);
  assert.deepEqual(states, ["MISS", "REVALIDATED", "MISS"]);
});
