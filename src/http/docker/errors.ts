import { AppError, type ErrorCode } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";

/** From codes to statuses: the engine's own, and the registry's, which reach it by its pulls and pushes. */
const statuses: Record<ErrorCode, number> = {
  "engine-missing": 404,
  "engine-conflict": 409,
  "engine-invalid": 400,
  "engine-forbidden": 403,
  "engine-unsupported": 501,
  "engine-unchanged": 304,
  "engine-failed": 500,
  "start-failed": 400,
  "port-taken": 500,
  "layer-invalid": 400,

  "name-invalid": 400,
  "repository-unknown": 404,
  "digest-invalid": 400,
  "digest-mismatch": 400,
  "size-mismatch": 400,
  "blob-unknown": 404,
  "blob-in-use": 409,
  "blob-damaged": 500,
  "upload-unknown": 404,
  "upload-invalid": 400,
  "upload-out-of-order": 400,
  "upload-busy": 409,
  "upload-interrupted": 400,
  "manifest-unknown": 404,
  "manifest-invalid": 400,
  "manifest-too-large": 400,
  "reference-missing": 404,
  "tag-invalid": 400,
  "too-many-tags": 400,
  "precondition-failed": 409,
  "range-unsatisfiable": 400,
  "page-invalid": 400,
  "condition-invalid": 400,
  unsupported: 400,
  unauthenticated: 401,
  denied: 403,
  "too-many-attempts": 429,
  "scope-invalid": 400,
  "grant-invalid": 400,
  "account-invalid": 400,
  "account-unknown": 404,
  "account-exists": 409,
  busy: 503,
  "over-quota": 403,
  "storage-full": 500,
  "storage-failed": 500,
  unavailable: 503,
  "body-stalled": 400,
  "upstream-unknown": 404,
  "upstream-refused": 500,
  "upstream-limited": 500,
  "upstream-failed": 500,
  "upstream-wrong": 500,
};

export function statusOf(error: AppError): number {
  return statuses[error.code];
}

/** What a client may be told of a failure: our own words, never those of a fault. */
export function messageOf(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : "the server failed; its log has the cause under this request's X-Request-Id";
}

/** `{"message":…}`; clients look at the type before they look for the message. Docker Engine API "ErrorResponse". */
export function answerMessage(ctx: Context, status: number, message: string): void {
  if (status === 304) {
    answerEmpty(ctx, status);
    return;
  }
  ctx.status = status;
  ctx.set("Content-Type", "application/json");
  ctx.body = `${JSON.stringify({ message })}\n`;
}
