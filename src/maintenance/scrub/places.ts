import { publicName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { placeOf } from "../verify/verify-report.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/** Named of one fault. */
const mostRepositories = 20;
const mostTags = 20;

/** Who has it, for people: `repository:tag`, or the repository alone where no tag leads to it. */
export async function placesOf(
  { checks }: Pick<ScrubParts, "checks">,
  repositories: readonly RepositoryName[],
  digest: Digest,
): Promise<string[]> {
  const places: string[] = [];
  for (const repository of repositories) {
    const tags = await checks.tagsReaching(repository, digest, mostTags);
    if (tags.length === 0) places.push(publicName(repository));
    for (const tag of tags) places.push(placeOf(repository, tag));
    if (places.length >= mostTags) break;
  }
  return places;
}

export function holdersOf(
  { repositories }: { repositories: Pick<ScrubParts["repositories"], "holders"> },
  digest: Digest,
): Promise<RepositoryName[]> {
  return repositories.holders(digest, { limit: mostRepositories, last: undefined });
}
