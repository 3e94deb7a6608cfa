import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createImageFacts, type ImageFactsParts } from "#registry/browse/image-facts.ts";
import { oci, type ManifestContent } from "../harness/registry-content.ts";

const repository = "team/app" as RepositoryName;
const descriptor = ({ mediaType, digest, size }: ManifestContent) => ({ mediaType, digest, size });

/** A repository in memory that counts what is read of it. */
function room(config: Buffer | undefined, ...manifests: ManifestContent[]) {
  const read = { manifests: 0, configs: 0 };
  const at = { now: 0 };
  const held = new Map(
    manifests.map(({ digest, mediaType, size, bytes }) => [
      digest,
      { digest: digest as Digest, mediaType, size, bytes, pushedAt: 0 },
    ]),
  );
  const blobs = {
    open() {
      read.configs++;
      if (config === undefined) return Promise.reject(new AppError("blob-unknown", "it isn't here"));
      const blob = {
        size: config.length,
        async *read() {
          yield await Promise.resolve(config);
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve({ blob });
    },
  } as unknown as ImageFactsParts["blobs"];
  const images = createImageFacts({
    repositories: {
      manifest(_, reference) {
        read.manifests++;
        return Promise.resolve(held.get(reference));
      },
      manifestFacts: (_, reference) => Promise.resolve(held.get(reference)),
    },
    blobs,
    clock: () => at.now,
  });
  return { read, at, held, of: ({ digest }: ManifestContent) => images.of(repository, digest as Digest) };
}

test("a config that is none is read once, however often its image is listed", async () => {
  const config = Buffer.alloc(1_000, "x");
  const image = oci.image({ config, layers: [] });
  const { read, of } = room(config, image);
  for (let i = 0; i < 3; i++)
    assert.deepEqual(await of(image), { size: image.size + 1_000, platforms: undefined });
  assert.deepEqual(read, { manifests: 1, configs: 1 });
});

test("of an index's children no config is read, and many indexes of the same children read them once", async () => {
  const children = Array.from({ length: 10 }, (_, i) => oci.image({ annotations: { i: String(i) } }));
  const indexes = Array.from({ length: 10 }, (_, i) =>
    oci.index({ manifests: children.map(descriptor), annotations: { i: String(i) } }),
  );
  const { read, of } = room(Buffer.from("{}"), ...children, ...indexes);
  const total = children.reduce(
    (sum, { size, blobs }) => sum + size + blobs.reduce((all, { bytes }) => all + bytes.length, 0),
    0,
  );
  for (const index of [...indexes, ...indexes])
    assert.deepEqual(await of(index), { size: index.size + total, platforms: undefined });
  assert.deepEqual(read, { manifests: 20, configs: 0 });
});

test("what wasn't here is looked for again after some seconds", async () => {
  const child = oci.image();
  const index = oci.index({ manifests: [descriptor(child)] });
  const { at, held, of } = room(undefined, child, index);
  const whole = (await of(index))?.size ?? 0;
  held.delete(child.digest);
  assert.equal((await of(index))?.size, whole, "nobody looked");
  at.now += 10_001;
  assert.equal((await of(index))?.size, index.size);
});

test("an index of many platforms names some of them", async () => {
  const child = oci.image();
  const manifests = Array.from({ length: 500 }, (_, i) => ({
    ...descriptor(child),
    platform: { os: "linux", architecture: `machine-${i}` },
  }));
  const index = oci.index({ manifests });
  const { of } = room(undefined, child, index);
  assert.equal((await of(index))?.platforms?.length, 50);
});
