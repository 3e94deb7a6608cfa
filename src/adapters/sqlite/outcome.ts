import { AppError, type ErrorCode } from "#core/errors.ts";
import type { Op } from "./operations/operations.ts";

/** What became of one operation, as plain data that can cross to another process. */
export type Outcome =
  { ok: true; value: unknown } | { ok: false; error: { code: ErrorCode; message: string } };

/** Hands an operation to the writer, wherever that is; resolves with its value when it is durable. */
export type Submit = (op: Op) => Promise<unknown>;

export function failure({ code, message }: AppError): Outcome {
  return { ok: false, error: { code, message } };
}

/** The value of an outcome; throws its error. */
export function valueOf(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
  throw new AppError(outcome.error.code, outcome.error.message);
}
