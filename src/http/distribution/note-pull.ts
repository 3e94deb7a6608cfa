import type { ManifestFacts } from "#core/metadata/repositories.ts";
import type { Sourced } from "#core/source.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { DistributionRequest } from "./request.ts";

/** Takes a note of a pull for the audit log, where it wants pulls. */
export function notePull(
  { needs, by, repository }: DistributionRequest,
  action: "pull-manifest" | "pull-blob",
  digest: Digest,
  tag?: string,
): void {
  if (by !== undefined) needs.reads?.note({ ...by, action, repository, digest, tag });
}

/** Takes a note of a manifest that is sent, for its last pull and whoever wants to hear of it. */
export function noteManifestPull(
  { needs, by, repository }: DistributionRequest,
  { digest, mediaType, size, cache }: Sourced<ManifestFacts>,
  tag: Tag | undefined,
): void {
  needs.pulls.note({ repository, digest, tag, mediaType, size, hosted: cache === undefined, by });
}
