import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { AppError } from "./errors.ts";

/** A blob that isn't removed because a manifest of its repository names it. @param repository its public name */
export function blobInUse(repository: RepositoryName, digest: Digest, manifest: Digest): AppError {
  return new AppError(
    "blob-in-use",
    `blob ${digest} is used by manifest ${manifest} of ${repository}: delete that manifest first`,
    { subject: digest, detail: { name: repository, digest, manifest } },
  );
}
