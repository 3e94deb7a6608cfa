import type { Algorithm, Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { UploadHandle } from "../blob-store.ts";

/** Upload sessions, shared by all processes. Each method is one transaction. */
export interface Uploads {
  begin(session: NewUpload): Promise<void>;
  /** Reads a session without claiming it. */
  find(id: string): Promise<UploadSession | undefined>;
  /**
   * Claims the session for one writer until `until` (ms) and reads it. "busy" when somebody else holds
   * an unexpired claim. Claims may be gone after a restart or crash of where they are kept.
   */
  claim(id: string, holder: string, now: number, until: number): Promise<UploadSession | "busy" | undefined>;
  /** Prolongs a claim; false when it is no longer held, and the writer must stop. */
  renew(id: string, holder: string, until: number): Promise<boolean>;
  /** Stores how far the upload came and the digest of all bytes so far, and gives the claim back. */
  progress(id: string, holder: string, progress: UploadProgress): Promise<void>;
  /** Gives the claim back without a change. */
  release(id: string, holder: string): Promise<void>;
  /** Forgets the session and its claim. False when it isn't there. */
  end(id: string): Promise<boolean>;
  /**
   * Forgets up to `limit` unclaimed sessions that were last touched before `before` and returns what the
   * store must abort.
   */
  expire(before: number, now: number, limit: number): Promise<{ id: string; handle: UploadHandle }[]>;
  /** Whether a handle still belongs to a session (strays of a crash don't). */
  knows(handle: UploadHandle): Promise<boolean>;
  count(): Promise<number>;
  /** How many were last touched before `before`, by readers that can't see claims. */
  stale(before: number): Promise<number>;
  /** Of each repository with sessions, when (ms) the oldest of them was begun. */
  oldest(): Promise<{ repository: RepositoryName; startedAt: number }[]>;
}

export interface UploadProgress {
  /** Bytes received so far. */
  offset: number;
  /** Digest of those bytes by the session's algorithm; undefined when unknown (a write failed midway). */
  soFar: Digest | undefined;
  touchedAt: number;
}

export interface NewUpload {
  /** A UUID. */
  id: string;
  repository: RepositoryName;
  /** Caller.id of who began it; only the same may go on. */
  owner: string | undefined;
  /** What is hashed while receiving. */
  algorithm: Algorithm;
  handle: UploadHandle;
  startedAt: number;
}

export interface UploadSession extends NewUpload, UploadProgress {}
