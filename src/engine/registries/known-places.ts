import { createBoundedMap } from "#kit/bounded-map.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

const most = 5_000;

/** Which repositories of other registries were seen to have a blob, so that a push can have it mounted from there. */
export function createKnownPlaces() {
  const places = createBoundedMap<string, RepositoryName>(most);
  return {
    saw(domain: string, repository: RepositoryName, blobs: readonly Descriptor[]): void {
      for (const { digest } of blobs) places.set(`${domain} ${digest}`, repository);
    },
    of: (domain: string, digest: Digest): RepositoryName | undefined => places.get(`${domain} ${digest}`),
  };
}

export type KnownPlaces = ReturnType<typeof createKnownPlaces>;
