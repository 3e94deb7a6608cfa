import { AppError, type ErrorCode } from "#core/errors.ts";
import type { FetchedBlob, GrowingStart } from "#core/fetch-relay.ts";

/** What the processes of one server say to each other: JSON, a line each. Ids are of the one who follows. */
export interface FollowMessage {
  id: number;
  follow: FetchedBlob;
}

/** In this order, each follow by itself; the last one is `done` or `failed`. */
export type AnswerMessage =
  | { id: number; begun: GrowingStart }
  /** Bytes that may be read by now. */
  | { id: number; readable: number }
  | { id: number; done: true }
  | { id: number; failed: Failure };

/** An error without its cause, which the process where it happened logs. No code: a fault of ours. */
export interface Failure {
  code: ErrorCode | undefined;
  message: string;
  subject: string | undefined;
  detail: unknown;
  retryAfter: number | undefined;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) {
    const { code, message, subject, detail, retryAfter } = error;
    return { code, message, subject, detail, retryAfter };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: undefined, message, subject: undefined, detail: undefined, retryAfter: undefined };
}

export function errorOf({ code, message, subject, detail, retryAfter }: Failure): Error {
  if (code === undefined) return new Error(`the process that fetches it failed: ${message}`);
  return new AppError(code, message, {
    detail,
    ...(subject === undefined ? {} : { subject }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
