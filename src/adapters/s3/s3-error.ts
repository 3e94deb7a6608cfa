import { AppError } from "#core/errors.ts";
import { failureOf, isTransient } from "./retry.ts";

/** The right that each request needs, for who is told to grant it. */
const rights: Readonly<Record<string, string>> = {
  PutObject: "s3:PutObject",
  CreateMultipartUpload: "s3:PutObject",
  UploadPart: "s3:PutObject",
  CompleteMultipartUpload: "s3:PutObject",
  PutObjectTagging: "s3:PutObjectTagging",
  AbortMultipartUpload: "s3:AbortMultipartUpload",
  GetObject: "s3:GetObject",
  HeadObject: "s3:GetObject",
  DeleteObject: "s3:DeleteObject",
  ListObjectsV2: "s3:ListBucket",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  ListParts: "s3:ListMultipartUploadParts",
};

/** What failed underneath, in words for the log. Never the SDK's own error, which may carry keys and signatures. */
export class S3Failure extends Error {
  override name = "S3Failure";
}

/** Which request failed, where. */
export interface Failed {
  /** What could not be done, as the beginning of a sentence: "The upload could not be written". */
  what: string;
  /** The SDK's command without its ending, `UploadPart`. */
  command: string;
  bucket: string;
}

/**
 * The AppError for a failed request. Clients read that the storage failed and whether to try again; the
 * cause, for the log, names the bucket, the request, S3's word for the fault and what to do.
 */
export function s3Error(error: unknown, failed: Failed): AppError {
  if (error instanceof AppError) return error;
  const { name } = failureOf(error);
  const cause = explain(error, failed);
  if (name === "QuotaExceeded" || name === "XMinioStorageFull")
    return new AppError("storage-full", `${failed.what}: the registry's bucket is full.`, { cause });
  if (isTransient(error))
    return new AppError(
      "unavailable",
      `${failed.what}: the registry's object storage doesn't answer as it should. Try again shortly.`,
      { cause, retryAfter: 5 },
    );
  // Aborted by a rule of the bucket, or completed by a commit that nobody heard of.
  if (name === "NoSuchUpload") return uploadGone(failed.what, cause);
  return new AppError(
    "storage-failed",
    `${failed.what}: the registry's object storage refused it. Its log says why.`,
    { cause },
  );
}

/** The upload can't be gone on with; the client begins a new one. */
export function uploadGone(what: string, cause?: Error): AppError {
  return new AppError(
    "upload-unknown",
    `${what}: what was stored of it is gone. Begin a new upload.`,
    cause === undefined ? {} : { cause },
  );
}

/** One sentence for operators: bucket, request, fault, remedy. */
export function explain(error: unknown, { command, bucket }: Omit<Failed, "what">): S3Failure {
  const { name, status } = failureOf(error);
  const answer = status === undefined ? name : `${name}, status ${status}`;
  return new S3Failure(`bucket ${bucket}: ${command} failed (${answer})${remedy(error, command, bucket)}`);
}

function remedy(error: unknown, command: string, bucket: string): string {
  const { name, status } = failureOf(error);
  const { message = "" } = error as { message?: string };
  switch (name) {
    case "NoSuchBucket":
      return `: there is no such bucket; make it, or correct storage.s3.bucket`;
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return `: the bucket lies in another region; correct storage.s3.region`;
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
    case "ExpiredToken":
    case "InvalidToken":
      return `: the access key is unknown, expired, or its secret is wrong; check the key files or the role`;
    case "CredentialsProviderError":
      return `: no credentials were found; set storage.s3.access_key_id_file and secret_access_key_file, or give this machine a role`;
    case "ENOTFOUND":
    case "ECONNREFUSED":
    case "EAI_AGAIN":
      return `: nothing answers there; check storage.s3.endpoint`;
    case "AbortError":
    case "TimeoutError":
      return `: no answer in time`;
  }
  if (/region is missing/i.test(message)) return ": set storage.s3.region";
  if (/^(CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/.test(name))
    return ": the endpoint's certificate is not trusted; give Node its CA with NODE_EXTRA_CA_CERTS";
  if (status === 403) {
    const right = /kms/i.test(message + name)
      ? "kms:GenerateDataKey and kms:Decrypt on the key"
      : rights[command];
    return `: grant ${right ?? "it"} for the bucket ${bucket}`;
  }
  return "";
}
