import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { AuditActor } from "./audit.ts";

/** Takes note of pulls of manifests. Never waits, never fails; bounded in memory. */
export interface PullNotes {
  note(pull: ManifestPull): void;
}

/** A manifest that was sent to a client. */
export interface ManifestPull {
  /** Public name. */
  repository: RepositoryName;
  digest: Digest;
  /** By which it was asked for; undefined: by its digest. */
  tag: Tag | undefined;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** From a hosted repository; false: from a cache. */
  hosted: boolean;
  by: AuditActor | undefined;
}
