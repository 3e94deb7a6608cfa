import type { Digest } from "#oci/digest.ts";
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
