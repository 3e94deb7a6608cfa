import type { OpenBlob } from "#core/blob-store.ts";
import { heldBy, holdTag } from "#core/engine-name.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import { openBytes } from "./open-bytes.ts";
import type { ImageAt } from "./image-at.ts";
import type { OwnContent, OwnRegistry } from "./parts.ts";

/**
 * What the engine holds of this registry's content: links in a repository of its own (core/engine-name.ts). The manifest
 * is put there with a tag that says its digest before its blobs are linked: so what a crash leaves is listed, and goes
 * with the next sweep.
 */
export interface Holds {
  /** Links an image that repository `from` has. False: it isn't there any more, or nobody here may write now. */
  hold(from: RepositoryName, image: ImageAt): Promise<boolean>;
  /** Undefined: it isn't held. */
  open(digest: Digest): Promise<OpenBlob | undefined>;
  /** Manifests that are held, with their blobs, and since when (ms). */
  list(): Promise<HeldManifest[]>;
  release(manifests: readonly HeldManifest[]): Promise<void>;
}

export interface HeldManifest {
  digest: Digest;
  blobs: readonly Digest[];
  heldAt: number;
}

const page = 1_000;
/** A blob may be moved to another place while it is opened. */
const mostMoves = 3;

export function createHolds(registry: OwnRegistry, own: RepositoryName): Holds {
  async function isHeld({ repositories }: OwnContent, image: ImageAt): Promise<boolean> {
    if ((await repositories.manifestFacts(own, image.manifest)) === undefined) return false;
    const blobs = await Promise.all(blobsOf(image).map(({ digest }) => repositories.blob(own, digest)));
    return blobs.every((blob) => blob !== undefined && !blob.damaged);
  }

  async function openIn({ repositories, store }: OwnContent, digest: Digest): Promise<OpenBlob | undefined> {
    const manifest = await repositories.manifest(own, digest);
    if (manifest !== undefined) return openBytes(manifest.bytes);
    for (let look = 1; ; look++) {
      const blob = await repositories.blob(own, digest);
      if (blob === undefined || blob.damaged) return undefined;
      try {
        return await store.open(blob.location);
      } catch (error) {
        if (!(error instanceof AppError && error.code === "blob-damaged") || look === mostMoves) throw error;
      }
    }
  }

  async function listIn({ repositories }: OwnContent): Promise<HeldManifest[]> {
    const held: HeldManifest[] = [];
    for (let last: string | undefined; ;) {
      const tags = await repositories.tags(own, { limit: page, last });
      for (const tag of tags) {
        const manifest = await repositories.manifest(own, heldBy(tag));
        if (manifest === undefined) continue;
        const parsed = parseManifest(manifest.bytes, manifest.mediaType);
        const blobs = "fault" in parsed ? [] : parsed.manifest.blobs.map(({ digest }) => digest);
        held.push({ digest: manifest.digest, blobs: [...new Set(blobs)], heldAt: manifest.pushedAt });
      }
      last = tags.at(-1);
      if (tags.length < page) return held;
    }
  }

  return {
    async hold(from, image) {
      if ((await registry.read((content) => isHeld(content, image))) === true) return true;
      const done = await registry.change(async ({ repositories, now }) => {
        const { manifest: digest, manifestType: mediaType, bytes } = image;
        const blobs = blobsOf(image);
        const put = repositories.putManifest({
          ...{ repository: own, digest, mediaType, bytes, size: bytes.length },
          ...{ subject: undefined, artifactType: undefined, annotations: undefined },
          references: blobs.map(({ digest, size }) => ({ digest, size, kind: "blob", required: false })),
          tags: [{ name: holdTag(digest), was: "any" }],
          ...{ expect: undefined, now: now(), by: undefined },
        });
        // Not one after the other: SQLite's writer makes them, in this order, one transaction.
        const [, ...linked] = await Promise.all([
          put,
          ...blobs.map(({ digest }) => repositories.mount(own, digest, from, now(), undefined)),
        ]);
        return linked.every((blob) => blob !== undefined);
      });
      return done === true;
    },

    open: (digest) => registry.read((content) => openIn(content, digest)),

    list: async () => (await registry.read(listIn)) ?? [],

    async release(manifests) {
      if (manifests.length === 0) return;
      await registry.change(async ({ repositories, now }) => {
        for (const { digest, blobs } of manifests) {
          await repositories.deleteManifest(own, digest, {}, now(), undefined);
          // One that another held manifest uses stays.
          await Promise.all(blobs.map((blob) => repositories.unlinkBlob(own, blob, now(), undefined)));
        }
      });
    },
  };
}
