import type { Context } from "#http/edge/context.ts";
import type { AppError, RegistryErrorCode } from "#core/errors.ts";

/** distribution-spec "Error Codes": code-1 … code-14; 5xx answers may say more. */
const wire: Record<RegistryErrorCode, [status: number, code: string]> = {
  "name-invalid": [400, "NAME_INVALID"],
  "repository-unknown": [404, "NAME_UNKNOWN"],
  "digest-invalid": [400, "DIGEST_INVALID"],
  "digest-mismatch": [400, "DIGEST_INVALID"],
  "size-mismatch": [400, "SIZE_INVALID"],
  "blob-unknown": [404, "BLOB_UNKNOWN"],
  "blob-in-use": [405, "DENIED"],
  "blob-damaged": [500, "UNKNOWN"],
  "upload-unknown": [404, "BLOB_UPLOAD_UNKNOWN"],
  "upload-invalid": [400, "BLOB_UPLOAD_INVALID"],
  "upload-out-of-order": [416, "BLOB_UPLOAD_INVALID"],
  "upload-busy": [409, "BLOB_UPLOAD_INVALID"],
  "upload-interrupted": [400, "BLOB_UPLOAD_INVALID"],
  "manifest-unknown": [404, "MANIFEST_UNKNOWN"],
  "manifest-invalid": [400, "MANIFEST_INVALID"],
  "manifest-too-large": [413, "SIZE_INVALID"],
  "reference-missing": [404, "MANIFEST_BLOB_UNKNOWN"],
  "tag-invalid": [400, "MANIFEST_INVALID"],
  "too-many-tags": [414, "UNSUPPORTED"],
  "precondition-failed": [412, "DENIED"],
  "range-unsatisfiable": [416, "UNSUPPORTED"],
  "page-invalid": [400, "UNSUPPORTED"],
  "condition-invalid": [400, "UNSUPPORTED"],
  unsupported: [405, "UNSUPPORTED"],
  unauthenticated: [401, "UNAUTHORIZED"],
  denied: [403, "DENIED"],
  "too-many-attempts": [429, "TOOMANYREQUESTS"],
  "scope-invalid": [400, "UNSUPPORTED"],
  "grant-invalid": [400, "UNSUPPORTED"],
  "account-invalid": [400, "UNSUPPORTED"],
  "account-unknown": [404, "UNSUPPORTED"],
  "account-exists": [409, "UNSUPPORTED"],
  busy: [503, "TOOMANYREQUESTS"],
  "over-quota": [403, "DENIED"],
  "storage-full": [507, "UNAVAILABLE"],
  "storage-failed": [500, "UNAVAILABLE"],
  unavailable: [503, "UNAVAILABLE"],
  "body-stalled": [408, "BLOB_UPLOAD_INVALID"],
  "upstream-unknown": [404, "NAME_UNKNOWN"],
  "upstream-refused": [502, "UNAVAILABLE"],
  "upstream-limited": [429, "TOOMANYREQUESTS"],
  "upstream-failed": [502, "UNAVAILABLE"],
  "upstream-wrong": [502, "UNAVAILABLE"],
};

/** Writes the OCI error body. Headers that the handler set before (Allow, Range, Location) stay. */
export function sendError(ctx: Context, error: AppError): void {
  // What the engine throws is no answer of a registry.
  const [status, code] = wire[error.code as RegistryErrorCode] ?? [500, "UNKNOWN"];
  if (error.retryAfter !== undefined) ctx.set("Retry-After", String(error.retryAfter));
  ctx.status = status;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({
    errors: [{ code, message: error.message, detail: error.detail ?? undefined }],
  });
}
