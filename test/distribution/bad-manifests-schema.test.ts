import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  dockerList,
  dockerManifest,
  dockerSchema1,
  dockerSchema1Signed,
  ociIndex,
  ociManifest,
} from "#oci/media-type.ts";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** JSON that is no image and no index: 400 MANIFEST_INVALID, whatever the rule about missing references says. */
describe("manifests of a wrong kind", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth({ policy: { missing_references: [{ repositories: "**", allow: "any" }] } });
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function refused(content: ManifestContent, contentType = content.mediaType): Promise<void> {
    const answer = await client.putManifest("app", content.digest, content.bytes, contentType);
    expectError(answer, 400, "MANIFEST_INVALID");
    expectError(await client.get(`/v2/app/manifests/${content.digest}`), 404, "MANIFEST_UNKNOWN");
  }

  async function accepted(content: ManifestContent, contentType = content.mediaType): Promise<void> {
    expectStatus(await client.putManifest("app", content.digest, content.bytes, contentType), 201);
    const pulled = await client.get(`/v2/app/manifests/${content.digest}`);
    assert.deepEqual(pulled.body, content.bytes);
    assert.equal(pulled.headers.get("content-type"), content.mediaType);
  }

  test("schemaVersion other than 2", async () => {
    for (const schemaVersion of [0, 1, 3, 2.5, -2, "2", null, true, [2], {}, undefined]) {
      await refused(oci.image({ extra: { schemaVersion } }));
      await refused(oci.image({ docker: true, extra: { schemaVersion } }));
      await refused(oci.index({ extra: { schemaVersion } }));
      await refused(oci.index({ docker: true, extra: { schemaVersion } }));
    }
  });

  test("schema 1, by its media types and without one", async () => {
    const value = {
      schemaVersion: 1,
      name: "app",
      tag: "latest",
      architecture: "amd64",
      fsLayers: [{ blobSum: `sha256:${"a".repeat(64)}` }],
      history: [{ v1Compatibility: "{}" }],
      signatures: [],
    };
    for (const mediaType of [dockerSchema1, dockerSchema1Signed, "application/json", ociManifest]) {
      await refused(oci.json(mediaType, value));
      await refused(oci.json(mediaType, { ...value, mediaType }));
    }
  });

  // CVE-2021-41190: one document that two clients read as two different things.
  test("both layers and manifests", async () => {
    for (const docker of [false, true]) {
      await refused(oci.image({ docker, extra: { manifests: [] } }));
      await refused(oci.image({ docker, extra: { manifests: [oci.image().descriptor] } }));
      await refused(oci.index({ docker, extra: { layers: [] } }));
      const { layers, config } = JSON.parse(oci.image().bytes.toString()) as Record<string, unknown>;
      await refused(oci.index({ docker, extra: { layers } }));
      await refused(oci.index({ docker, extra: { config, layers } }));
    }
  });

  test("both layers and manifests, without a mediaType of its own, under either Content-Type", async () => {
    const image = oci.image({ extra: { manifests: [], mediaType: undefined } });
    for (const type of [ociManifest, ociIndex, dockerManifest, dockerList]) await refused(image, type);
  });

  test("body mediaType against Content-Type", async () => {
    const types = [ociManifest, ociIndex, dockerManifest, dockerList, "application/json", "text/html"];
    for (const content of [
      oci.image(),
      oci.index(),
      oci.image({ docker: true }),
      oci.index({ docker: true }),
    ]) {
      for (const type of types) if (type !== content.mediaType) await refused(content, type);
    }
  });

  test("a mediaType that is no text", async () => {
    for (const mediaType of [1, true, [ociManifest], {}]) {
      await refused(oci.image({ extra: { mediaType } }));
      await refused(oci.index({ extra: { mediaType } }));
    }
  });

  test("without a mediaType of its own, the Content-Type decides what it must be", async () => {
    await accepted(oci.image({ extra: { mediaType: undefined } }));
    await accepted(oci.index({ annotations: { a: "good" }, extra: { mediaType: undefined } }));
    await refused(oci.image({ extra: { mediaType: undefined } }), ociIndex);
    await refused(oci.index({ annotations: { a: "bad" }, extra: { mediaType: undefined } }), ociManifest);
  });

  test("a Content-Type that no manifest has", async () => {
    for (const type of [
      "application/octet-stream",
      "text/plain",
      "application/vnd.cncf.helm.config.v1+json",
      "x",
      ";",
    ]) {
      await refused(oci.image({ extra: { mediaType: undefined } }), type);
      await refused(oci.json(type, { schemaVersion: 2, mediaType: type, config: {}, layers: [] }));
    }
  });

  test("a charset in Content-Type is ignored", async () => {
    for (const parameter of [
      "; charset=utf-8",
      ";charset=UTF-8",
      "; charset=iso-8859-1",
      '; a="b;c"',
      ";",
      " ; x",
    ]) {
      const image = oci.image();
      await accepted(image, image.mediaType + parameter);
    }
  });

  test("config, layers, manifests, annotations or subject of a wrong type", async () => {
    // Not null: Go programs write an empty list so.
    for (const value of [1, "x", true]) {
      for (const member of ["config", "layers", "subject", "annotations"]) {
        await refused(oci.image({ extra: { [member]: value } }));
      }
      for (const member of ["manifests", "subject", "annotations"]) {
        await refused(oci.index({ extra: { [member]: value } }));
      }
      await refused(oci.image({ extra: { layers: [value] } }));
      await refused(oci.index({ extra: { manifests: [value] } }));
      if (value !== "x") await refused(oci.image({ extra: { annotations: { a: value } } }));
    }
    await refused(oci.image({ extra: { config: [] } }));
    await refused(oci.image({ extra: { layers: {} } }));
    await refused(oci.image({ extra: { annotations: [] } }));
    await refused(oci.image({ extra: { annotations: { a: {} } } }));
  });

  test("config missing from an image, manifests from an index", async () => {
    await refused(oci.image({ extra: { config: undefined } }));
    await refused(oci.image({ extra: { config: undefined, layers: undefined } }));
    await refused(oci.index({ extra: { manifests: undefined } }));
  });

  test("malformed artifactType", async () => {
    for (const artifactType of [
      "x",
      "a b/c",
      "a/b/c",
      "/",
      "a/",
      "/b",
      "a/b;c=d",
      "é/x",
      "a/\n",
      `a/${"b".repeat(128)}`,
    ]) {
      await refused(oci.image({ artifactType }));
      await refused(oci.index({ artifactType }));
    }
    for (const artifactType of [1, {}, [], true]) {
      await refused(oci.image({ extra: { artifactType } }));
      await refused(oci.index({ extra: { artifactType } }));
    }
  });

  test("the longest artifactType there is works", async () => {
    await accepted(
      oci.image({ artifactType: `${"a".repeat(127)}/${"b".repeat(127)}`, layers: [freshBytes()] }),
    );
  });
});
