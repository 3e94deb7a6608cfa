import type { BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Source } from "#core/source.ts";
import { createBlobs, type Blobs } from "#registry/blobs.ts";
import { createReferrers } from "#registry/referrers.ts";
import { createStoredManifests } from "#registry/stored-manifests.ts";
import { createTags } from "#registry/tags.ts";

export interface LocalSourceParts {
  store: BlobStore;
  repositories: Repositories;
  clock: Clock;
  /** storage.verify_reads */
  verifyReads: boolean;
}

/** The registry's own content as a Source; its blobs can be removed, too. */
export function createLocalSource(parts: LocalSourceParts): Source & { blobs: Blobs } {
  const { repositories } = parts;
  return {
    manifests: createStoredManifests(repositories),
    blobs: createBlobs(parts),
    tags: createTags(repositories),
    referrers: createReferrers(repositories),
  };
}
