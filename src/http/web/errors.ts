import type { AppError, ErrorCode } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";
import { answerError } from "#http/edge/answer-error.ts";

const wire: Partial<Record<ErrorCode, [status: number, code: string]>> = {
  unauthenticated: [401, "UNAUTHORIZED"],
  denied: [403, "DENIED"],
  "too-many-attempts": [429, "TOOMANYREQUESTS"],
  "account-invalid": [400, "INVALID"],
  "account-exists": [409, "EXISTS"],
  "over-quota": [403, "DENIED"],
  "account-unknown": [404, "NOT_FOUND"],
  "page-invalid": [400, "INVALID"],
  "name-invalid": [400, "NAME_INVALID"],
  "tag-invalid": [400, "TAG_INVALID"],
  "digest-invalid": [400, "DIGEST_INVALID"],
  "repository-unknown": [404, "NAME_UNKNOWN"],
  "manifest-unknown": [404, "MANIFEST_UNKNOWN"],
  "blob-unknown": [404, "BLOB_UNKNOWN"],
  "blob-in-use": [409, "DENIED"],
  "manifest-invalid": [409, "MANIFEST_INVALID"],
  "reference-missing": [409, "MANIFEST_BLOB_UNKNOWN"],
  "size-mismatch": [409, "SIZE_INVALID"],
  "condition-invalid": [415, "UNSUPPORTED"],
  "manifest-too-large": [413, "SIZE_INVALID"],
  "upload-interrupted": [400, "INVALID"],
  "body-stalled": [408, "INVALID"],
  unsupported: [405, "UNSUPPORTED"],
  busy: [503, "UNAVAILABLE"],
  "storage-full": [507, "UNAVAILABLE"],
  "storage-failed": [500, "UNAVAILABLE"],
  unavailable: [503, "UNAVAILABLE"],
  "engine-missing": [404, "NOT_FOUND"],
  "engine-conflict": [409, "CONFLICT"],
  "engine-failed": [502, "UNAVAILABLE"],
};

/** Writes `{errors:[{code,message}]}`; headers that were set before (the challenge, Allow) stay. */
export function answerWebError(ctx: Context, error: AppError): void {
  const entry = wire[error.code];
  // What has no row here can't come from what this door calls: a fault of ours.
  if (entry === undefined) throw error;
  if (error.retryAfter !== undefined) ctx.set("Retry-After", String(error.retryAfter));
  answerError(ctx, ...entry, error.message);
}
