import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/**
 * Makes the processes of one server fetch each blob once: every blob has one process whose business its fetch is,
 * and the others follow there. Implementations: adapters/fetch-relay (a unix socket each), and none where there is
 * one process only.
 */
export interface FetchRelay {
  /**
   * Follows the fetch at the process that has it, which begins it where it isn't under way. Undefined: it is this
   * process's own business, or that process can't be reached, and this one fetches by itself.
   */
  follow(blob: FetchedBlob): Promise<GrowingBlob | undefined>;
  /** What this process does for the others; set once, before they ask. */
  answer(fetch: (blob: FetchedBlob) => GrowingBlob): void;
}

/** A blob to fetch. */
export interface FetchedBlob {
  /** Its repository as people know it: `docker.io/library/busybox`. */
  repository: RepositoryName;
  digest: Digest;
}

/** A blob that is being fetched, for readers in this process. */
export interface GrowingBlob {
  /** Resolves when the upstream has begun to send; rejects with its fault (AppError) when it didn't get so far. */
  readonly begun: Promise<GrowingStart>;
  /** Bytes that may be read by now; the last one only when the digest was proved. */
  readonly readable: number;
  /** Resolves when more than `beyond` bytes may be read; rejects with the fault that ended it. */
  more(beyond: number): Promise<void>;
  /** Resolves when the blob is in its repository; rejects with the fault that ended it. */
  readonly done: Promise<void>;
}

export interface GrowingStart {
  /** Of the whole blob; undefined: not known before its end. */
  size: number | undefined;
  /** The name of its file in the spool; undefined: it can only be read when it is done. */
  file: string | undefined;
}
