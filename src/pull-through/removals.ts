import type { AuditActor } from "#core/audit.ts";
import { blobInUse } from "#core/blob-in-use.ts";
import type { Clock } from "#core/clock.ts";
import type { Live } from "#core/live.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { noBlob, noManifest } from "./faults.ts";
import type { UpstreamMap, UpstreamPlace } from "./upstream-map.ts";

/** Takes content out of the registry, its own or what is cached. */
export interface Removals {
  manifests: {
    remove(repository: RepositoryName, reference: Digest | Tag, by: AuditActor | undefined): Promise<void>;
  };
  blobs: { remove(repository: RepositoryName, digest: Digest, by: AuditActor | undefined): Promise<void> };
}

export interface RemovalParts {
  map: Live<{ map: UpstreamMap }>;
  repositories: Pick<Repositories, "holdsManifest" | "deleteManifest" | "deleteTag" | "unlinkBlob">;
  local: Removals;
  clock: Clock;
}

/**
 * Deletes under an upstream's name, where no hosted repository stands, take the cached copy out: the next pull asks
 * the upstream again.
 */
export function createRemovals({ map, repositories, local, clock }: RemovalParts): Removals {
  async function placeOf(repository: RepositoryName): Promise<UpstreamPlace | undefined> {
    const place = map.current.map.place(repository);
    return place === undefined || (await repositories.holdsManifest(repository)) ? undefined : place;
  }

  return {
    manifests: {
      async remove(repository, reference, by) {
        const place = await placeOf(repository);
        if (place === undefined) return local.manifests.remove(repository, reference, by);
        const digest = parseDigest(reference);
        const outcome =
          digest === undefined
            ? await repositories.deleteTag(place.cached, reference as Tag, {}, clock(), by)
            : await repositories.deleteManifest(place.cached, digest, {}, clock(), by);
        if (outcome !== "deleted") throw noManifest(place, reference);
      },
    },
    blobs: {
      async remove(repository, digest, by) {
        const place = await placeOf(repository);
        if (place === undefined) return local.blobs.remove(repository, digest, by);
        const done = await repositories.unlinkBlob(place.cached, digest, clock(), by);
        if (done.outcome === "unknown") throw noBlob(place, digest);
        if (done.outcome === "in-use") throw blobInUse(repository, digest, done.manifest);
      },
    },
  };
}
