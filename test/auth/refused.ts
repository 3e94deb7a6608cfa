import assert from "node:assert/strict";
import { AppError, type ErrorCode } from "#core/errors.ts";

/** Fails unless the promise is refused with this code; the error. */
export async function refused(promise: Promise<unknown>, code: ErrorCode, words = /./): Promise<AppError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof AppError, `it was not refused but: ${String(outcome)}`);
  assert.equal(outcome.code, code, outcome.message);
  assert.match(outcome.message, words);
  return outcome;
}
