import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ociManifest } from "#oci/media-type.ts";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  oci,
  registryClient,
  unknownDigest,
  type Descriptor,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/**
 * Subjects may name anything, also nothing that is there. A digest can't contain itself, so a true loop
 * can't be made; what can be made is a manifest that claims to be its own subject, and chains.
 */
describe("odd subjects", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const descriptor = (digest: string): Descriptor => ({ mediaType: ociManifest, digest, size: 500 });

  async function referrers(subject: string): Promise<string[]> {
    const answer = await client.get(`/v2/app/referrers/${subject}`);
    expectStatus(answer, 200);
    const { manifests } = JSON.parse(answer.body.toString()) as { manifests: { digest: string }[] };
    return manifests.map(({ digest }) => digest);
  }

  const put = (content: ManifestContent, reference = content.digest) =>
    client.putManifest("app", reference, content.bytes, content.mediaType);

  test("subject = itself: pushed by the digest that it names", async () => {
    const itself = unknownDigest();
    const content = oci.index({ subject: descriptor(itself) });
    expectError(await put(content, itself), 400, "DIGEST_INVALID");
    expectError(await client.get(`/v2/app/manifests/${itself}`), 404, "MANIFEST_UNKNOWN");
    assert.deepEqual(await referrers(itself), []);
  });

  test("subject = itself: by the tag that it is pushed to", async () => {
    const first = oci.index({ annotations: { a: "1" } });
    await client.push("app", first, "loop");
    const second = oci.index({ subject: first.descriptor });
    expectStatus(await put(second, "loop"), 201);
    assert.deepEqual(await referrers(first.digest), [second.digest]);
    assert.deepEqual((await client.get("/v2/app/manifests/loop")).body, second.bytes);
  });

  test("an index whose child is its own subject", async () => {
    const child = oci.index({ annotations: { a: "2" } });
    await client.push("app", child);
    const parent = oci.index({ manifests: [child.descriptor], subject: child.descriptor });
    expectStatus(await put(parent), 201);
    assert.deepEqual(await referrers(child.digest), [parent.digest]);
  });

  test("a loop of subjects that was never closed: each names one that isn't there", async () => {
    const last = unknownDigest();
    const chain: ManifestContent[] = [];
    for (let i = 0; i < 100; i++) {
      chain.push(
        oci.index({ subject: descriptor(chain.at(-1)?.digest ?? last), annotations: { i: String(i) } }),
      );
    }
    // The youngest first, so that every subject is missing when it is named.
    for (const content of chain.toReversed()) {
      const answer = await put(content);
      expectStatus(answer, 201);
      const { subject } = JSON.parse(content.bytes.toString()) as { subject: Descriptor };
      assert.equal(answer.headers.get("oci-subject"), subject.digest);
    }
    assert.deepEqual(await referrers(last), [chain[0]?.digest]);
    for (const [i, content] of chain.entries()) {
      const next = chain[i + 1];
      assert.deepEqual(await referrers(content.digest), next === undefined ? [] : [next.digest]);
    }
    const middle = chain[50]?.digest ?? "";
    expectStatus(await client.remove(`/v2/app/manifests/${middle}`), 202);
    assert.deepEqual(await referrers(chain[49]?.digest ?? ""), []);
    assert.deepEqual(await referrers(middle), [chain[51]?.digest]);
  });

  test("a subject that isn't there doesn't come to be by being named", async () => {
    const missing = unknownDigest();
    expectStatus(await put(oci.index({ subject: descriptor(missing) })), 201);
    expectError(await client.get(`/v2/app/manifests/${missing}`), 404, "MANIFEST_UNKNOWN");
    expectError(await client.remove(`/v2/app/manifests/${missing}`), 404, "MANIFEST_UNKNOWN");
  });

  test("a subject of another repository is not linked by naming it", async () => {
    const image = oci.image();
    await client.push("other", image);
    expectStatus(await put(oci.index({ subject: image.descriptor })), 201);
    expectError(await client.get(`/v2/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
    const there = await client.get(`/v2/other/referrers/${image.digest}`);
    assert.deepEqual((JSON.parse(there.body.toString()) as { manifests: unknown[] }).manifests, []);
  });
});
