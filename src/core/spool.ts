import type { Digest } from "#oci/digest.ts";
import type { Location } from "./blob-store.ts";

/**
 * Blobs that are read while they come: files of this machine that grow, and then become blobs of the store.
 * Who reads knows from elsewhere how far they are written. Implementations: adapters/disk (renames the file),
 * adapters/local-spool (sends it to a store that is elsewhere). Both pass test/contract/spool.ts.
 */
export interface Spool {
  /** A new, empty file. */
  begin(): Promise<SpoolFile>;
  /**
   * Reads a file that another process of this machine writes; undefined when there is none of that name any more
   * (it became a blob, or was given up). Stays readable whatever becomes of it.
   */
  open(name: string): Promise<SpoolReader | undefined>;
  /** Removes files that nobody wrote to since `before` (ms): of processes that ended. How many. */
  sweep(before: number): Promise<number>;
}

export interface SpoolReader extends AsyncDisposable {
  /**
   * Bytes `start` … `end` (inclusive), which are written already. May run several times at once. A chunk is only
   * valid until the next one is asked for. Throws storage-failed when they aren't there.
   */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** Waits for reads under way. May be called again. */
  close(): Promise<void>;
}

export interface SpoolFile extends SpoolReader {
  /** For `open`; opaque. */
  readonly name: string;
  /** Adds bytes at the end; they can be read once this resolves. One at a time. storage-full, storage-failed. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes it a blob of the store, durable; its bytes are `digest`, as the caller has proved. Reads under way and
   * later ones of this reader go on.
   */
  commit(digest: Digest, size: number): Promise<Location>;
  /** Removes it, unless it was committed. Reads under way end as they like. */
  abort(): Promise<void>;
}
