import { AppError } from "#core/errors.ts";
import type { ManifestReference } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** The registry's refusals that more than one verb gives, so that each has one wording. */

/** Names in one error body; a manifest may lack thousands. */
export const namedAtMost = 20;

export function blobUnknown(repository: RepositoryName, digest: Digest): AppError {
  return new AppError("blob-unknown", `repository ${repository} has no blob ${digest}`, {
    subject: digest,
    detail: { name: repository, digest },
  });
}

export function manifestUnknown(repository: RepositoryName, reference: string): AppError {
  return new AppError("manifest-unknown", `repository ${repository} has no manifest ${reference}`, {
    subject: reference,
    detail: { name: repository, reference },
  });
}

export function uploadUnknown(id: string): AppError {
  return new AppError("upload-unknown", "this upload is not known (any more): begin a new one with POST", {
    subject: id,
  });
}

export function repositoryUnknown(repository: string): AppError {
  return new AppError("repository-unknown", `there is no repository ${repository}`, {
    subject: repository,
    detail: { name: repository },
  });
}

export function digestMismatch(claimed: Digest, detail: Record<string, unknown>): AppError {
  return new AppError("digest-mismatch", `the bytes received are not ${claimed}: push them again`, {
    subject: claimed,
    detail: { digest: claimed, ...detail },
  });
}

export function wrongSize(
  repository: RepositoryName,
  references: (ManifestReference & { stored: number })[],
): AppError {
  const [first] = references;
  return new AppError(
    "manifest-invalid",
    `the manifest is refused: it says ${first?.digest} has ${first?.size} bytes, in ${repository} it has ${first?.stored}`,
    {
      subject: first?.digest ?? repository,
      detail: references.slice(0, namedAtMost).map(({ digest, size, stored }) => ({ digest, size, stored })),
    },
  );
}
