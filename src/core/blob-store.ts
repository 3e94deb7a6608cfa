import type { Digest } from "#oci/digest.ts";

/**
 * Where blob bytes live. Knows nothing of repositories or of who may read; a blob "exists" for clients
 * only when metadata says so. Implementations: adapters/disk, adapters/s3. All of them pass
 * test/contract/blob-store.ts.
 *
 * Order of truth: `commit` returns only when the bytes, their name and its directory are durable.
 */
export interface BlobStore {
  /** A new, empty place for bytes. Costs no I/O until the first append. The handle goes into metadata. */
  begin(): UploadHandle;

  /**
   * How many bytes of an unfinished upload are there. 0 for a handle that never got any.
   * May be less than was acknowledged after a power failure; the caller then goes on from here.
   */
  uploaded(handle: UploadHandle): Promise<number>;

  /**
   * Writes `body` at `offset`, cutting off whatever lay behind it. Memory stays bounded, slow stores
   * push back. Resolves with the bytes written when the body has ended and the bytes are with the
   * operating system. When the body breaks off, everything that came is written, then it rejects with
   * an AppError "upload-interrupted" whose `cause` is the body's error.
   * A chunk is only looked at until the next one is asked for (the body may use its buffers again).
   * One writer at a time per handle is the caller's business. An upload can always go on where its last
   * append ended or began; a store may refuse another offset with storage-failed.
   * Errors: storage-full, storage-failed, unavailable (what is there then can be asked with `uploaded`).
   */
  append(
    handle: UploadHandle,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    use?: AppendUse,
  ): Promise<number>;

  /**
   * The first `size` bytes of an unfinished upload read back (to go on hashing in another process), or
   * undefined where the store can't. The iterable's chunks are only valid until the next one is asked for.
   */
  reread(handle: UploadHandle, size: number): AsyncIterable<Uint8Array> | undefined;

  /**
   * Makes the first `size` bytes of the upload a blob at a location of its own, never over another one,
   * durable and saying its digest, without copying. The handle is used up.
   */
  commit(handle: UploadHandle, digest: Digest, size: number): Promise<Location>;

  /** begin + append + commit of bytes that are already in memory. */
  put(digest: Digest, bytes: Uint8Array): Promise<Location>;

  /** Forgets an unfinished upload. Unknown handles are fine. */
  abort(handle: UploadHandle): Promise<void>;

  /**
   * Opens a blob. The caller must `close` it. `size` is what is really stored.
   * Errors: blob-damaged when there is nothing (readable) at the location.
   */
  open(location: Location): Promise<OpenBlob>;

  /** Size of what is stored at a location, or undefined when nothing is. */
  stat(location: Location): Promise<number | undefined>;

  /**
   * Where a door may send the client for these bytes instead of sending them itself; undefined where the
   * store has no such place. The caller has made sure that the bytes are there and that the client may
   * have them. Errors: blob-damaged for what is no location of this store.
   */
  link(location: Location, request: LinkRequest): Promise<Link | undefined>;

  /**
   * Removes the bytes. Nothing there is fine. Open readers keep reading, or, where the store can't give them
   * what is deleted, break off with blob-damaged; they never get other bytes.
   */
  delete(location: Location): Promise<void>;

  /**
   * Every blob that is stored whole, known to metadata or not, in no order that counts; what comes or goes meanwhile
   * may be among them or not. Unfinished uploads and what isn't a blob are never listed. Memory stays bounded.
   * @param known asked, some hundred at a time, which of these beginnings of locations the caller needn't hear of: the
   * store then spares itself finding out what a blob's name doesn't say.
   */
  list(known?: KnownBeginnings): AsyncIterable<StoredBlob>;

  /** Handles of unfinished uploads that were last written before `before` (ms), for purging strays. */
  staleUploads(before: number): AsyncIterable<UploadHandle>;

  /** Resolves when the store can take writes; rejects with the reason (for /readyz). */
  check(): Promise<void>;
}

/** What the caller is about to do, so that a store can spare itself what nobody will need. */
export interface AppendUse {
  /** `commit` or `abort` follows at once here: bytes of a body that came whole needn't outlive this process. */
  last?: boolean;
  /**
   * Of the upload's bytes before this append, and after it once the body has ended, where they are known. A store
   * that keeps them beside the bytes can tell when another writer's bytes got there: it then throws upload-unknown.
   */
  digests?: { before: Digest | undefined; after(): Digest | undefined };
}

/** The store's own name for an unfinished upload. Opaque to everyone else. */
export type UploadHandle = string & { readonly __handle: true };

/** The store's own name for a blob's place. Opaque; unique per commit, so it is never overwritten. */
export type Location = string & { readonly __location: true };

/** Of these beginnings of locations (each of one blob's alone) those that are known. */
export type KnownBeginnings = (beginnings: readonly string[]) => Promise<ReadonlySet<string>>;

/** What a store itself says of a blob. */
export interface StoredBlob {
  location: Location;
  digest: Digest;
  /** Bytes. */
  size: number;
  /** When (ms) its bytes were last written, by the store's own clock. */
  writtenAt: number;
}

/** What the client will ask of the place that it is sent to. */
export interface LinkRequest {
  method: "GET" | "HEAD";
  /** Its Range header, which it sends there as well; undefined: all of it. */
  range: string | undefined;
  /** How long the place must work, ms. */
  ttl: number;
}

export type Link = FileLink | UrlLink;

/** A file below the store's folder of blobs, `sha256/ab/…`, for a proxy in front that can read it. */
export interface FileLink {
  readonly kind: "file";
  readonly path: string;
}

/** A signed URL that gives the bytes to whoever has it: for the client's eyes only, never for a log. */
export interface UrlLink {
  readonly kind: "url";
  readonly url: string;
}

export interface OpenBlob extends AsyncDisposable {
  readonly size: number;
  /**
   * Bytes `start` … `end` (inclusive) in order. A chunk is only valid until the next one is asked for
   * (buffers are used again). Throws blob-damaged when the file is shorter than promised.
   */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
