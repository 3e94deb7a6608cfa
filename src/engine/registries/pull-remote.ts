import type { FoundImage, TransferStep } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Upstream } from "#core/upstream.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { algorithmOf, digestOf, parseDigest, type Digest } from "#oci/digest.ts";
import type { Platform } from "#oci/platform.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import type { KeptContent } from "./content.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { imageAt, type ImageAt, type ReadManifest } from "./image-at.ts";
import { openBytes } from "./open-bytes.ts";
import type { OwnBlobs } from "#core/engine/own-blobs.ts";

/** Blobs of one pull at the same time; docker's own number. */
const atOnce = 3;
/** Bytes of a manifest; distribution-spec "Pushing Manifests" has registries take so many. */
const largestManifest = 4 * 1024 * 1024;

export interface RemotePull {
  source: Upstream;
  /** As the registry there knows it. */
  repository: RepositoryName;
  reference: Tag | Digest;
  platform: Platform;
  report: (line: TransferStep) => void;
  signal: AbortSignal;
}

/** Manifests of another registry, each proved by the digest that it was asked by. */
export function manifestsOf({ source, repository, signal }: RemotePull): ReadManifest {
  return async (reference) => {
    const found = await source.manifest(repository, reference, undefined, largestManifest, signal);
    if (found === "unchanged") throw new AppError("upstream-wrong", "it says that nothing changed, unasked");
    const asked = parseDigest(reference);
    const digest = digestOf(asked === undefined ? "sha256" : algorithmOf(asked), found.bytes);
    if (asked !== undefined && asked !== digest)
      throw new AppError("engine-failed", `manifest verification failed for digest ${asked}`);
    return { digest, mediaType: found.mediaType, bytes: found.bytes };
  };
}

/** Throws upstream-*. */
export async function remoteImage(pull: RemotePull): Promise<ImageAt> {
  const image = await imageAt(manifestsOf(pull), pull.reference, pull.platform);
  if (image === undefined) throw new AppError("upstream-unknown", "there is no such manifest");
  return image;
}

/** Pulls into the engine's own blobs what isn't in its content. */
export function createRemotePull({ own, content }: { own: OwnBlobs; content: KeptContent }) {
  const turns = createKeyedLock();

  /** Two pulls at the same time fetch a blob once. */
  async function bring(pull: RemotePull, blob: Descriptor, report: RemotePull["report"]): Promise<void> {
    const { source, repository, signal } = pull;
    const { digest } = blob;
    await turns.run(digest, async () => {
      signal.throwIfAborted();
      if (await content.has(digest)) {
        await own.touch(digest);
        report({ digest, state: "there" });
        return;
      }
      await own.add(digest, fetchBlob(source, repository, blob, report, signal));
      report({ digest, state: "verifying" });
      report({ digest, state: "moved", current: blob.size, total: blob.size });
    });
  }

  return async (pull: RemotePull, image: ImageAt): Promise<FoundImage> => {
    const blobs = blobsOf(image);
    const layers = new Set(image.layers.map(({ digest }) => digest));
    using _ = content.pin([image.manifest, ...blobs.map(({ digest }) => digest)]);
    for (const digest of layers) pull.report({ digest, state: "waiting" });
    await inParallel(blobs, atOnce, (blob) =>
      bring(pull, blob, (line) => {
        if (layers.has(line.digest)) pull.report(line);
      }),
    );
    await own.add(image.manifest, openBytes(image.bytes).read(0, image.bytes.length - 1));
    return image;
  };
}

export type PullRemote = ReturnType<typeof createRemotePull>;
