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
  withQuery,
  type Descriptor,
  type RegistryClient,
  type Response,
} from "../harness/registry-client.ts";

/** Right digest, wrong size: what is named must be what is stored, to the byte. */
describe("right digest, wrong size", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth({ policy: { missing_references: [{ repositories: "**", allow: "any" }] } });
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** 400; whether it is the manifest or the size that is called invalid is the server's choice of word. */
  function refused(response: Response): void {
    expectError(response, 400);
    assert.match(response.body.toString(), /MANIFEST_INVALID|SIZE_INVALID/);
  }

  for (const difference of [-1, 1, 1000]) {
    test(`a layer's descriptor that is off by ${difference}`, async () => {
      const bytes = freshBytes(100);
      const digest = await client.pushBlob(bytes, { repo: "app" });
      const mediaType = "application/vnd.oci.image.layer.v1.tar";
      const image = oci.image({ layers: [{ mediaType, digest, size: 100 + difference }] });
      for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
      refused(await client.putManifest("app", image.digest, image.bytes, image.mediaType));
      expectError(await client.get(`/v2/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
    });

    test(`a config's descriptor that is off by ${difference}`, async () => {
      const bytes = freshBytes(1500);
      const digest = await client.pushBlob(bytes, { repo: "app" });
      const config = { mediaType: "application/x.config", digest, size: 1500 + difference };
      const image = oci.image({ layers: [], extra: { config } });
      refused(await client.putManifest("app", "latest", image.bytes, image.mediaType));
      expectError(await client.get("/v2/app/manifests/latest"), 404, "MANIFEST_UNKNOWN");
    });

    test(`an index's descriptor of a child that is off by ${difference}`, async () => {
      const child = oci.image();
      await client.push("app", child);
      const manifests: Descriptor[] = [{ ...child.descriptor, size: child.size + difference }];
      const index = oci.index({ manifests });
      refused(await client.putManifest("app", index.digest, index.bytes, index.mediaType));
      expectError(await client.get(`/v2/app/manifests/${index.digest}`), 404, "MANIFEST_UNKNOWN");
    });
  }

  test("one layer named twice, once with the right size", async () => {
    const bytes = freshBytes(100);
    const digest = await client.pushBlob(bytes, { repo: "app" });
    const layer = (size: number) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size });
    for (const layers of [
      [layer(100), layer(99)],
      [layer(99), layer(100)],
    ]) {
      const image = oci.image({ layers });
      for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
      refused(await client.putManifest("app", image.digest, image.bytes, image.mediaType));
    }
  });

  test("an upload of one byte less or more than the digest was made of", async () => {
    const bytes = freshBytes(1000);
    const digest = digestOf(bytes);
    for (const sent of [bytes.subarray(0, 999), Buffer.concat([bytes, Buffer.from("x")]), new Uint8Array()]) {
      const session = await client.startUpload("app");
      const put = await client.request("PUT", withQuery(session, `digest=${digest}`), { body: sent });
      expectError(put, 400, "DIGEST_INVALID");
      const post = await client.request("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: sent });
      expectError(post, 400, "DIGEST_INVALID");
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    }
    await client.pushBlob(bytes, { repo: "app" });
    expectStatus(await client.get(`/v2/app/blobs/${digest}`), 200);
  });
});
