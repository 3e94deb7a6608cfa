/**
 * The one error class of the house. Services throw it, adapters translate foreign errors into it at
 * their edge, and each door has one table from `code` to its wire form. Anything else that reaches a
 * door is a fault of ours: logged with its cause, shown as 500, never explained to the client.
 */

export type ErrorCode = RegistryErrorCode | EngineErrorCode;

export type RegistryErrorCode =
  | "name-invalid"
  | "repository-unknown"
  | "digest-invalid"
  | "digest-mismatch"
  | "size-mismatch"
  | "blob-unknown"
  | "blob-in-use"
  | "blob-damaged"
  | "upload-unknown"
  | "upload-invalid"
  | "upload-out-of-order"
  | "upload-busy"
  | "upload-interrupted"
  | "manifest-unknown"
  | "manifest-invalid"
  | "manifest-too-large"
  | "reference-missing"
  | "tag-invalid"
  | "too-many-tags"
  | "precondition-failed"
  | "range-unsatisfiable"
  | "page-invalid"
  | "condition-invalid"
  | "unsupported"
  /** No credentials, wrong ones, or a token that is not good for this; the answer carries a challenge. */
  | "unauthenticated"
  | "denied"
  /** Too many wrong passwords: `retryAfter` says how long to wait. */
  | "too-many-attempts"
  | "scope-invalid"
  | "grant-invalid"
  | "account-invalid"
  | "account-unknown"
  | "account-exists"
  | "busy"
  /** A push that would bring more than a quota allows; nothing of it stays. */
  | "over-quota"
  | "storage-full"
  | "storage-failed"
  | "unavailable"
  | "body-stalled"
  /** Of a registry that content is pulled from; see core/upstream.ts. */
  | "upstream-unknown"
  | "upstream-refused"
  | "upstream-limited"
  | "upstream-failed"
  | "upstream-wrong";

/** Of the engine, whose messages are docker's own words and are shown; see http/docker/errors.ts. */
export type EngineErrorCode =
  | "engine-missing"
  | "engine-conflict"
  | "engine-invalid"
  | "engine-forbidden"
  | "engine-unsupported"
  /** Nothing to do: it is so already. */
  | "engine-unchanged"
  | "engine-failed"
  /** The container's program can't be run; the text tells clients which exit code to end with. */
  | "start-failed"
  | "port-taken"
  /** A layer's tar that is broken or wants out of its root. */
  | "layer-invalid";

export interface ErrorParts {
  /** What the error is about: a repository, digest, tag, upload id. Shown to the client. */
  subject?: string;
  /** Machine-readable details for the client, as JSON. Never secrets or paths of the server. */
  detail?: unknown;
  /** What happened underneath; goes to the log only. */
  cause?: unknown;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly subject: string | undefined;
  readonly detail: unknown;
  readonly retryAfter: number | undefined;

  /** @param message one sentence for a person: what failed, with which name, and what to do. */
  constructor(code: ErrorCode, message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "AppError";
    this.code = code;
    this.subject = parts.subject;
    this.detail = parts.detail;
    this.retryAfter = parts.retryAfter;
  }
}
