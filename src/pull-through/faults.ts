import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

/** Refusals that more than one part gives, so that each has one wording. Names are those that people know. */

export function noManifest({ repository, upstream }: UpstreamPlace, reference: string): AppError {
  const why = upstream.offline ? `is not cached, and upstream ${upstream.name} is offline` : "is not there";
  return new AppError("manifest-unknown", `manifest ${reference} of ${repository} ${why}`, {
    subject: reference,
    detail: { name: repository, reference },
  });
}

export function noBlob({ repository, upstream }: UpstreamPlace, digest: Digest): AppError {
  const why = upstream.offline ? `is not cached, and upstream ${upstream.name} is offline` : "is not there";
  return new AppError("blob-unknown", `blob ${digest} of ${repository} ${why}`, {
    subject: digest,
    detail: { name: repository, digest },
  });
}

export function noRepository({ repository }: UpstreamPlace): AppError {
  return new AppError("repository-unknown", `there is no repository ${repository}`, {
    subject: repository,
    detail: { name: repository },
  });
}

/** The upstream's rules leave it out. */
export function notCovered({ repository, remote, upstream }: UpstreamPlace): AppError {
  return new AppError(
    "denied",
    `${repository} is not pulled from its upstream: the rules of ${upstream.name} (allow, deny) leave out ${remote}`,
    { subject: repository },
  );
}

/** It sent other bytes than it should have. */
export function wrongBytes({ repository, upstream }: UpstreamPlace, what: string, fault: string): AppError {
  return new AppError(
    "upstream-wrong",
    `upstream ${upstream.name} sent something else for ${what} of ${repository}: ${fault}; nothing of it was kept`,
    { subject: repository },
  );
}

/** Whether the upstream's answer, or its silence, is what failed. */
export function isUpstreamFault(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith("upstream-");
}

export function isCode(error: unknown, code: AppError["code"]): boolean {
  return error instanceof AppError && error.code === code;
}
