import type { BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Source } from "#core/source.ts";
import { createBlobs, type Blobs } from "#registry/blobs.ts";
import { createReferrers } from "#registry/referrers.ts";
import { createStoredManifests } from "#registry/stored-manifests.ts";
import { createTags } from "#registry/tags.ts";
import { createTouch } from "#registry/touch.ts";

export interface LocalSourceParts {
  store: BlobStore;
  repositories: Repositories;
  garbage: Pick<Garbage, "touch">;
  clock: Clock;
  /** gc.grace, ms. */
  grace: () => number;
  /** storage.verify_reads */
  verifyReads: boolean;
}

/** The registry's own content as a Source; its blobs can be removed, too. */
export function createLocalSource(parts: LocalSourceParts): Source & { blobs: Blobs } {
  const { repositories } = parts;
  const touch = createTouch(parts);
  return {
    manifests: createStoredManifests(repositories, touch),
    blobs: createBlobs({ ...parts, touch }),
    tags: createTags(repositories),
    referrers: createReferrers(repositories),
  };
}
