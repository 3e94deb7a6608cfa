import type { RepositoryName } from "#oci/reference.ts";

/** An upload whose bytes come in at this moment, or did a moment ago. */
export interface LiveUpload {
  id: string;
  repository: RepositoryName;
  /** Bytes. */
  received: number;
  /** ms. */
  startedAt: number;
  /** Caller.id of who sends it. */
  owner: string | undefined;
  /** Who sends it, for people. */
  by: string | undefined;
}
