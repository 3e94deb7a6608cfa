import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  unknownDigest,
  type ManifestContent,
} from "../harness/registry-client.ts";

const emptyJson = Buffer.from("{}");
const emptyType = "application/vnd.oci.empty.v1+json";
const exampleType = "application/vnd.example.thing.v1+json";

const artifact = (layers: (Buffer | undefined)[] = [freshBytes()]) => {
  const bytes = layers.map((layer) => layer ?? emptyJson);
  return oci.image({ artifactType: exampleType, configType: emptyType, config: emptyJson, layers: bytes });
};

const layer = freshBytes(100);
const tar = "application/vnd.oci.image.layer";
const platform = (architecture: string) => ({ os: "linux", architecture });
const elsewhere = (kind: string) => ({
  mediaType: `${tar}.nondistributable.v1.${kind}`,
  digest: unknownDigest(),
  size: 123_456,
  urls: ["https://store.example.org/layer"],
});

/** Each kind: everything in the order in which it is pushed; the last one gets the tag. */
const kinds: Record<string, () => ManifestContent[]> = {
  "an image": () => [oci.image({ layers: [freshBytes(), freshBytes()] })],
  "an image with an uncompressed layer": () => {
    const descriptor = { mediaType: `${tar}.v1.tar`, digest: digestOf(layer), size: layer.length };
    const image = oci.image({ layers: [descriptor] });
    return [{ ...image, blobs: [...image.blobs, { bytes: layer, digest: digestOf(layer) }] }];
  },
  "an image with nearly 4 MiB of annotations": () => [
    oci.image({
      annotations: Object.fromEntries(Array.from({ length: 390 }, (_, i) => [`a-${i}`, "A".repeat(10_000)])),
    }),
  ],
  "an index": () => {
    const images = [oci.image(), oci.image()];
    const manifests = images.map((image, i) => ({
      ...image.descriptor,
      platform: platform(i ? "arm64" : "amd64"),
    }));
    return [...images, oci.index({ manifests })];
  },
  "an index of indexes": () => {
    const images = [oci.image(), oci.image()];
    const inner = images.map((image) => oci.index({ manifests: [image.descriptor] }));
    return [...images, ...inner, oci.index({ manifests: inner.map((index) => index.descriptor) })];
  },
  "an empty index": () => [oci.index()],
  "an artifact": () => [artifact()],
  "an artifact whose only layer is the empty object": () => [artifact([undefined])],
  "an artifact index": () => {
    const parts = [artifact(), artifact()];
    return [
      ...parts,
      oci.index({ artifactType: exampleType, manifests: parts.map((part) => part.descriptor) }),
    ];
  },
  "an image without layers": () => [oci.image({ layers: [] })],
  "an image with a layer of no bytes": () => [oci.image({ layers: [Buffer.alloc(0)] })],
  "an image that names one layer twice": () => [oci.image({ layers: [layer, layer] })],
  "an image with data in its descriptors": () => {
    const config = Buffer.from('{"os":"linux"}');
    const embed = (mediaType: string, bytes: Buffer) => ({
      ...{ mediaType, digest: digestOf(bytes), size: bytes.length },
      data: bytes.toString("base64"),
    });
    const image = oci.image({
      ...{ config, layers: [layer] },
      extra: {
        config: embed("application/vnd.oci.image.config.v1+json", config),
        layers: [embed(`${tar}.v1.tar+gzip`, layer)],
      },
    });
    return [image];
  },
  "an image with nondistributable layers that nobody pushes": () => [
    oci.image({ layers: [elsewhere("tar+gzip"), elsewhere("tar"), freshBytes()] }),
  ],
  "an image and an index with custom fields": () => {
    const image = oci.image({ extra: { "org.example.custom": { deep: [1, null, "x"] } } });
    return [image, oci.index({ manifests: [image.descriptor], extra: { "org.example.custom": "y" } })];
  },
  "an image with platforms, annotations and unknown descriptor fields": () => {
    const image = oci.image({ annotations: { "org.example.a": "ä" } });
    const manifests = [{ ...image.descriptor, platform: platform("riscv64"), "org.example.more": true }];
    return [image, oci.index({ manifests, annotations: { b: "" } })];
  },
  "an image with only sha512 digests": () => [oci.image({ algorithm: "sha512" })],
  "an index with only sha512 digests": () => {
    const images = [oci.image({ algorithm: "sha512" }), oci.image({ algorithm: "sha512" })];
    return [
      ...images,
      oci.index({ algorithm: "sha512", manifests: images.map((image) => image.descriptor) }),
    ];
  },
  "a Docker schema 2 image": () => [oci.image({ docker: true })],
  "a Docker schema 2 image with a foreign layer": () => {
    const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    const foreign = { mediaType, digest: unknownDigest(), size: 9, urls: ["https://store.example.org/x"] };
    return [oci.image({ docker: true, layers: [foreign, freshBytes()] })];
  },
  "a Docker manifest list": () => {
    const images = [oci.image({ docker: true }), oci.image({ docker: true })];
    return [...images, oci.index({ docker: true, manifests: images.map((image) => image.descriptor) })];
  },
};

for (const [kind, build] of Object.entries(kinds)) {
  test(`${kind} is pushed, listed, pulled by tag and digest, and deleted`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const contents = build();
    for (const content of contents) {
      const put = await client.push("app/web", content);
      assert.equal(put.headers.get("docker-content-digest"), content.digest);
    }
    const last = contents.at(-1);
    assert.ok(last);
    // A tag is put with the canonical algorithm; another one is tagged by parameter.
    const tagged = last.digest.startsWith("sha256:")
      ? await client.putManifest("app/web", "tagged", last.bytes, last.mediaType)
      : await client.putManifest("app/web", last.digest, last.bytes, last.mediaType, { tags: ["tagged"] });
    expectStatus(tagged, 201);
    assert.equal(tagged.headers.get("docker-content-digest"), last.digest);

    const list = JSON.parse((await client.get("/v2/app/web/tags/list")).body.toString()) as unknown;
    assert.deepEqual(list, { name: "app/web", tags: ["tagged"] });

    for (const [reference, content] of [
      ["tagged", last] as const,
      ...contents.map((content) => [content.digest, content] as const),
    ]) {
      const get = await client.get(`/v2/app/web/manifests/${reference}`);
      expectStatus(get, 200);
      assert.ok(get.body.equals(content.bytes));
      const head = await client.head(`/v2/app/web/manifests/${reference}`);
      expectStatus(head, 200);
      for (const answer of [get, head]) {
        assert.equal(answer.headers.get("content-type"), content.mediaType);
        assert.equal(answer.headers.get("content-length"), String(content.size));
        assert.equal(answer.headers.get("docker-content-digest"), content.digest);
      }
    }
    for (const blob of contents.flatMap((content) => content.blobs)) {
      assert.ok((await client.get(`/v2/app/web/blobs/${blob.digest}`)).body.equals(blob.bytes));
    }

    expectStatus(await client.remove("/v2/app/web/manifests/tagged"), 202);
    expectError(await client.head("/v2/app/web/manifests/tagged"), 404);
    for (const content of contents.toReversed()) {
      expectStatus(await client.remove(`/v2/app/web/manifests/${content.digest}`), 202);
      expectError(await client.head(`/v2/app/web/manifests/${content.digest}`), 404);
    }
    for (const digest of new Set(contents.flatMap((content) => content.blobs.map((blob) => blob.digest)))) {
      expectStatus(await client.remove(`/v2/app/web/blobs/${digest}`), 202);
    }
  });
}
