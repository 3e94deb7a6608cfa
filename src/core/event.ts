import type { AuditActor } from "./audit.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/**
 * What happened, for webhooks, the web page and whoever acts on it. Changes of content are written in the transaction
 * of the change, so none is missing and none is told that didn't happen; pulls are gathered and written later.
 */
export type EventAction =
  /** A blob or a manifest came; of a manifest once for each tag that the push set. */
  | "push"
  /** A blob was linked without bytes; `subject` is the repository that it came from, where one was named. */
  | "mount"
  /**
   * A manifest, a blob, or (with `tag`) a tag was removed: by a client or retention; manifests and tags by garbage
   * collection, too. Blobs that it takes because nothing names them are told of nobody: there may be very many.
   */
  | "delete"
  /** A removed tag came back. */
  | "restore"
  | "pull"
  /** A manifest came from an upstream into the cache. */
  | "fill"
  /** A container's process began or ended: `subject` says its name, and the exit code as `NAME CODE`. */
  | "start"
  | "exit";

export interface NewEvent {
  /** ms since the epoch. */
  readonly at: number;
  readonly action: EventAction;
  /** Public name; undefined: it is about a container. */
  readonly repository?: RepositoryName | undefined;
  readonly tag?: Tag | undefined;
  readonly digest?: Digest | undefined;
  /** Of a manifest. Undefined for blobs (application/octet-stream). */
  readonly mediaType?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  readonly subject?: string | undefined;
  readonly actor?: EventActor | undefined;
  /** How many equal ones this stands for (pulls); 1 for changes. */
  readonly count: number;
}

export interface BerthEvent extends NewEvent {
  /** Grows with every event. */
  readonly id: number;
}

/** Who is behind it, where somebody is. */
export type EventActor = Pick<AuditActor, "actor" | "kind" | "address" | "request">;
