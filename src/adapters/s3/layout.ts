import { randomUUID } from "node:crypto";
import type { Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, type Digest, hexOf, parseDigest } from "#oci/digest.ts";

/**
 * Where things are in the bucket, all below the prefix:
 *
 *     blobs/<uuid, first 2>/<uuid>          a blob; its multipart upload runs under this key too
 *     uploads/<uuid>/<end>                  checkpoint of an unfinished upload that has `end` bytes
 *     digests/<algorithm>/<hex>/<uuid>      with digest_marker "object": empty, says a blob's digest
 *     check/<uuid>                          gone at once; shows that the bucket takes writes
 *
 * A handle is the uuid, so the final key is known before the first byte. A location is `<uuid>@<digest>`:
 * the key is never used twice, and a message or a marker needs no look-up. Both become keys, so whatever
 * comes back from metadata is matched whole before it is used.
 */
export interface Layout {
  /** Key prefixes, for listings. */
  readonly blobs: string;
  readonly uploads: string;
  blobKey(handle: UploadHandle): string;
  checkpoints(handle: UploadHandle): string;
  checkpointKey(handle: UploadHandle, end: number): string;
  checkKey(): string;
  markerKey(place: Place): string;
  /** The parts of a location. Throws blob-damaged for anything else. */
  place(location: Location): Place;
  /** The handle that a key below `blobs` or `uploads` belongs to. */
  handleOf(key: string): UploadHandle | undefined;
}

export interface Place {
  handle: UploadHandle;
  digest: Digest;
  key: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createLayout(prefix: string): Layout {
  const blobs = `${prefix}blobs/`;
  const uploads = `${prefix}uploads/`;

  function known(handle: UploadHandle): UploadHandle {
    if (uuid.test(handle)) return handle;
    throw new AppError("storage-failed", "This upload's record is damaged; begin a new upload.", {
      cause: new Error(`not a handle of the S3 store: ${JSON.stringify(handle)}`),
    });
  }
  const blobKey = (handle: UploadHandle) => `${blobs}${known(handle).slice(0, 2)}/${handle}`;
  const checkpoints = (handle: UploadHandle) => `${uploads}${known(handle)}/`;

  return {
    blobs,
    uploads,
    blobKey,
    checkpoints,
    checkpointKey: (handle, end) => `${checkpoints(handle)}${end}`,
    checkKey: () => `${prefix}check/${randomUUID()}`,
    markerKey: ({ handle, digest }) => `${prefix}digests/${algorithmOf(digest)}/${hexOf(digest)}/${handle}`,
    place(location) {
      const found = parts(location);
      if (found !== undefined) return { ...found, key: blobKey(found.handle) };
      throw new AppError("blob-damaged", "This blob's record is damaged; push the blob again.", {
        cause: new Error(`not a location of the S3 store: ${JSON.stringify(location)}`),
      });
    },
    handleOf(key) {
      const text = key.startsWith(blobs)
        ? key.slice(blobs.length + 3)
        : key.startsWith(uploads)
          ? (key.slice(uploads.length).split("/", 1)[0] ?? "")
          : "";
      return uuid.test(text) ? (text as UploadHandle) : undefined;
    },
  };
}

function parts(location: Location): Pick<Place, "handle" | "digest"> | undefined {
  const at = location.indexOf("@");
  const handle = location.slice(0, Math.max(at, 0)) as UploadHandle;
  const digest = parseDigest(location.slice(at + 1));
  return uuid.test(handle) && digest !== undefined ? { handle, digest } : undefined;
}

export function newHandle(): UploadHandle {
  return randomUUID() as UploadHandle;
}

/** Whether a location can be one of this store, whatever its bucket is. */
export function ownsInS3(location: Location): boolean {
  return parts(location) !== undefined;
}

export function locationOf(handle: UploadHandle, digest: Digest): Location {
  return `${handle}@${digest}` as Location;
}
