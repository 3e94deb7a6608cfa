import type { AppError, ErrorCode } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";

type Wire = readonly [status: number, code: string, oauth: string];

const invalid: Wire = [400, "UNSUPPORTED", "invalid_request"];
const failed: Wire = [503, "UNAVAILABLE", "temporarily_unavailable"];

/** OCI code for everybody; RFC 6749 section 5.2 code for POST. What isn't here can't happen here: 500. */
const wire: Partial<Record<ErrorCode, Wire>> = {
  unauthenticated: [401, "UNAUTHORIZED", "invalid_grant"],
  denied: [403, "DENIED", "unauthorized_client"],
  "too-many-attempts": [429, "TOOMANYREQUESTS", "temporarily_unavailable"],
  "scope-invalid": [400, "UNSUPPORTED", "invalid_scope"],
  "grant-invalid": invalid,
  unsupported: [400, "UNSUPPORTED", "unsupported_grant_type"],
  "manifest-too-large": [413, "SIZE_INVALID", "invalid_request"],
  "upload-interrupted": invalid,
  "body-stalled": [408, "UNSUPPORTED", "invalid_request"],
  busy: [503, "TOOMANYREQUESTS", "temporarily_unavailable"],
  "storage-full": failed,
  "storage-failed": failed,
  unavailable: failed,
};

/** Whether this door has words for it; else it is a fault of ours. */
export function isExpected(error: AppError): boolean {
  return wire[error.code] !== undefined;
}

/** The OCI error body, which docker shows; OAuth 2's members beside it for POST. */
export function sendError(ctx: Context, error: AppError, service: string): void {
  const [status, code, oauth] = wire[error.code] ?? failed;
  if (error.retryAfter !== undefined) ctx.set("Retry-After", String(error.retryAfter));
  // Here names and passwords are what helps; the Bearer challenge is /v2/'s.
  if (status === 401) ctx.set("WWW-Authenticate", `Basic realm="${service}"`);
  ctx.status = status;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({
    ...(ctx.method === "POST" ? { error: oauth, error_description: error.message } : {}),
    errors: [{ code, message: error.message, detail: error.detail ?? undefined }],
  });
}
