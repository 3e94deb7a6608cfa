import { cachedName } from "#core/cached-name.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { repositoryUnknown } from "../faults.ts";

/** Where what people see under a repository's name is kept. */
export interface Place {
  /** As metadata knows it. */
  stored: RepositoryName;
  /** What came from an upstream: nothing is pushed there. */
  cached: boolean;
}

/** A hosted repository stands before what is cached under the same name. Throws repository-unknown. */
export async function placeOf(
  repositories: Pick<Repositories, "exists" | "holdsManifest">,
  repository: RepositoryName,
): Promise<Place> {
  if (await repositories.holdsManifest(repository)) return { stored: repository, cached: false };
  const cached = cachedName(repository);
  if (await repositories.exists(cached)) return { stored: cached, cached: true };
  if (await repositories.exists(repository)) return { stored: repository, cached: false };
  throw repositoryUnknown(repository);
}
