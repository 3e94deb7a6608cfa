import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  unknownDigest,
  type Descriptor,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** Manifests that name what their repository lacks, under the default rule and the two others. */
describe("manifests that name what was not pushed", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    const missing_references = [
      { repositories: "any/**", allow: "any" as const },
      { repositories: "none/**", allow: "none" as const },
      { repositories: "**", allow: "index" as const },
    ];
    berth = await startBerth({ policy: { missing_references } });
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const put = (repo: string, content: ManifestContent, reference = content.digest) =>
    client.putManifest(repo, reference, content.bytes, content.mediaType);

  async function refused(repo: string, content: ManifestContent): Promise<string> {
    let body = "";
    for (const reference of ["latest", content.digest]) {
      const answer = await put(repo, content, reference);
      expectError(answer, 404, "MANIFEST_BLOB_UNKNOWN");
      body = answer.body.toString();
      expectError(await client.get(`/v2/${repo}/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    }
    return body;
  }

  test("a referenced blob missing: layer or config", async () => {
    const image = oci.image();
    const [config, layer] = image.blobs;
    assert.ok(config && layer);
    const first = await refused("app/a", image);
    assert.ok(first.includes(layer.digest) && first.includes(config.digest), first);
    await client.pushBlob(config.bytes, { repo: "app/a" });
    const second = await refused("app/a", image);
    assert.ok(second.includes(layer.digest) && !second.includes(config.digest), second);
    await client.pushBlob(layer.bytes, { repo: "app/a" });
    expectStatus(await put("app/a", image), 201);
  });

  test("a referenced blob that was deleted from the repository is missing again", async () => {
    const image = oci.image();
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "app/b" });
    expectStatus(await client.remove(`/v2/app/b/blobs/${image.blobs[1]?.digest}`), 202);
    await refused("app/b", image);
  });

  test("a referenced blob linked elsewhere only reads exactly as one that is nowhere", async () => {
    const image = oci.image();
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "secret/place" });
    const body = await refused("app/c", image);
    assert.ok(!body.includes("secret/place"));
    const nowhere = oci.image();
    let like = await refused("app/c", nowhere);
    for (const [i, { digest }] of nowhere.blobs.entries())
      like = like.replaceAll(digest, image.blobs[i]?.digest ?? "");
    const errors = (text: string) =>
      (JSON.parse(text) as { errors: unknown[] }).errors.map((error) => JSON.stringify(error)).sort();
    assert.deepEqual(errors(body), errors(like));
    for (const { digest } of image.blobs)
      expectError(await client.get(`/v2/app/c/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    for (const { digest } of image.blobs) {
      expectStatus(
        await client.request("POST", `/v2/app/c/blobs/uploads/?mount=${digest}&from=secret/place`),
        201,
      );
    }
    expectStatus(await put("app/c", image), 201);
  });

  test("a manifest's digest is not a blob", async () => {
    const child = oci.image();
    await client.push("none/a", child);
    const asLayer = oci.image({ layers: [{ ...child.descriptor, mediaType: layerType }] });
    for (const { bytes } of asLayer.blobs) await client.pushBlob(bytes, { repo: "none/a" });
    await refused("none/a", asLayer);
  });

  // BuildKit's registry cache is an index of layers.
  test("an index may name a blob of its repository, but none of another", async () => {
    const bytes = freshBytes(100);
    const digest = await client.pushBlob(bytes, { repo: "none/c" });
    const index = oci.index({ manifests: [{ mediaType: layerType, digest, size: 100 }] });
    expectStatus(await put("none/c", index), 201);
    await refused("none/d", index);
  });

  test("an index whose child lives in another repository only", async () => {
    const child = oci.image();
    await client.push("elsewhere", child);
    const index = oci.index({ manifests: [child.descriptor] });
    expectStatus(await put("app/d", index, "latest"), 201);
    expectError(await client.get(`/v2/app/d/manifests/${child.digest}`), 404, "MANIFEST_UNKNOWN");
    for (const { digest } of child.blobs)
      expectError(await client.get(`/v2/app/d/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    const body = await refused("none/b", index);
    assert.ok(body.includes(child.digest) && !body.includes("elsewhere"), body);
    await client.push("none/b", child);
    expectStatus(await put("none/b", index, "latest"), 201);
  });

  test("an index of a child that is nowhere", async () => {
    const index = oci.index({ manifests: [oci.image().descriptor] });
    expectStatus(await put("app/e", index), 201);
    expectStatus(await put("any/e", index), 201);
    await refused("none/e", index);
  });

  test("under the rule `any` what is elsewhere is not linked by naming it", async () => {
    const image = oci.image();
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "secret/other" });
    expectStatus(await put("any/a", image, "latest"), 201);
    for (const { digest } of image.blobs) {
      expectError(await client.get(`/v2/any/a/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      expectError(await client.head(`/v2/any/a/blobs/${digest}`), 404);
    }
  });

  const layers = (count: number, digest = unknownDigest): Descriptor[] =>
    Array.from({ length: count }, () => ({ mediaType: layerType, digest: digest(), size: 1 }));

  test("10,000 layers, all missing: a bounded answer", async () => {
    const image = oci.image({ layers: layers(10_000) });
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "app/f" });
    const body = await refused("app/f", image);
    assert.ok(body.length < 64 * 1024, `an error of ${body.length} bytes`);
  });

  test("10,000 layers, all missing, where anything may be missing", async () => {
    const image = oci.image({ layers: layers(10_000) });
    expectStatus(await put("any/f", image, "latest"), 201);
    const pulled = await client.get("/v2/any/f/manifests/latest");
    assert.ok(pulled.body.equals(image.bytes));
    expectStatus(await client.remove(`/v2/any/f/manifests/${image.digest}`), 202);
  });

  test("10,000 times the same layer", async () => {
    const byte = freshBytes(1);
    await client.pushBlob(byte, { repo: "app/g" });
    const image = oci.image({ layers: layers(10_000, () => digestOf(byte)) });
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "app/g" });
    expectStatus(await put("app/g", image, "latest"), 201);
  });

  test("an index of 10,000 children", async () => {
    const manifests = layers(10_000).map((layer) => ({ ...oci.image().descriptor, digest: layer.digest }));
    const index = oci.index({ manifests });
    expectStatus(await put("app/h", index, "latest"), 201);
    const body = await refused("none/h", index);
    assert.ok(body.length < 64 * 1024, `an error of ${body.length} bytes`);
  });
});
