import type { FoundImage } from "#core/engine/registries.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { setTimeout as sleep } from "node:timers/promises";
import type { RepositoryName } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import { fetchBlob } from "./fetch-blob.ts";
import type { FoundHere } from "./found-here.ts";
import { remoteImage, type PullRemote, type RemotePull } from "./pull-remote.ts";
import type { OwnRegistry } from "./parts.ts";

const atOnce = 3;
/** The server keeps a blob a moment after its last byte went out, ms. */
const patience = 5_000;
const lookEvery = 50;

export interface CachedPullParts {
  registry: OwnRegistry;
  foundHere: FoundHere;
  pullRemote: PullRemote;
}

/**
 * Pulls an upstream's image through this registry's running server, so that its cache has it, and holds it there by links.
 * What the cache doesn't keep comes into the engine's own blobs.
 */
export function createCachedPull({ registry, foundHere, pullRemote }: CachedPullParts) {
  async function isHere(places: readonly RepositoryName[], { digest, size }: Descriptor): Promise<boolean> {
    const found = await registry.read(async ({ repositories, store }) => {
      for (const place of places) {
        const blob = await repositories.blob(place, digest);
        if (blob !== undefined && !blob.damaged && (await store.stat(blob.location)) === size) return true;
      }
      return false;
    });
    return found === true;
  }

  /** Reads it through the server, which keeps it. */
  async function warm(
    places: readonly RepositoryName[],
    pull: RemotePull,
    blob: Descriptor,
    isLayer: boolean,
  ) {
    const { source, repository, signal } = pull;
    const { digest, size } = blob;
    const report = isLayer ? pull.report : () => undefined;
    if (await isHere(places, blob)) {
      report({ digest, state: "there" });
      return;
    }
    for await (const chunk of fetchBlob(source, repository, blob, report, signal)) void chunk;
    for (const end = Date.now() + patience; Date.now() < end && !(await isHere(places, blob));)
      await sleep(lookEvery, undefined, { signal });
    report({ digest, state: "moved", current: size, total: size });
  }

  /** @param places where the server keeps it, the one that stands first first */
  return async (places: readonly RepositoryName[], pull: RemotePull): Promise<FoundImage> => {
    const image = await remoteImage(pull);
    const layers = new Set(image.layers.map(({ digest }) => digest));
    for (const digest of layers) pull.report({ digest, state: "waiting" });
    await inParallel(blobsOf(image), atOnce, (blob) => warm(places, pull, blob, layers.has(blob.digest)));
    const found = await foundHere(places, image.manifest, pull.platform);
    return found === undefined ? pullRemote(pull, image) : { ...found, named: image.named };
  };
}

export type PullCached = ReturnType<typeof createCachedPull>;
