import type { AppError, ErrorCode } from "#core/errors.ts";
import { answerError } from "./answer-error.ts";
import type { Context } from "./context.ts";

/** How errors look on the wire: by our code, status and code there. */
export type ApiErrors = Partial<Record<ErrorCode, [status: number, code: string]>>;

/** What every API below /api/ can answer. */
const common: ApiErrors = {
  unauthenticated: [401, "UNAUTHORIZED"],
  denied: [403, "DENIED"],
  "too-many-attempts": [429, "TOOMANYREQUESTS"],
  "account-invalid": [400, "INVALID"],
  "account-unknown": [404, "NOT_FOUND"],
  "account-exists": [409, "EXISTS"],
  "page-invalid": [400, "INVALID"],
  "condition-invalid": [415, "UNSUPPORTED"],
  "manifest-too-large": [413, "SIZE_INVALID"],
  "upload-interrupted": [400, "INVALID"],
  "body-stalled": [408, "INVALID"],
  unsupported: [405, "UNSUPPORTED"],
  busy: [503, "UNAVAILABLE"],
  "storage-full": [507, "UNAVAILABLE"],
  "storage-failed": [500, "UNAVAILABLE"],
  unavailable: [503, "UNAVAILABLE"],
};

/**
 * Writes `{errors:[{code,message}]}`; headers that were set before (the challenge, Allow) stay.
 * @param own what only this API can answer. An error without a row is a fault of ours, and thrown on.
 */
export function answerApiError(ctx: Context, error: AppError, own: ApiErrors = {}): void {
  const entry = own[error.code] ?? common[error.code];
  if (entry === undefined) throw error;
  if (error.retryAfter !== undefined) ctx.set("Retry-After", String(error.retryAfter));
  answerError(ctx, ...entry, error.message);
}
