import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, type Digest, hexOf } from "#oci/digest.ts";

/**
 * Where things are in the folder of the disk store, all folders 0700 and all files 0600 (blobs that a
 * proxy may send itself: group-access.ts):
 *
 *     PATH/berth-store-id                                  which folder this is: folder-id.ts
 *     PATH/metadata/<name>                                 snapshots of the metadata: metadata-shelf.ts
 *     PATH/uploads/<uuid>                                  bytes of an unfinished upload, or of a blob being fetched
 *     PATH/blobs/<algorithm>/<hex, first 2>/<hex>.<random> a blob
 *
 * A blob's name says its digest, so that facts can be rebuilt from the files. The 12 random characters
 * give each commit a location of its own: nothing is overwritten, and a deleted location never comes back.
 * A handle is the uuid, a location is the path below `blobs`. Both are joined to paths, so whatever comes
 * back from metadata is matched whole before it is used.
 */
export interface Layout {
  readonly uploads: string;
  readonly blobs: string;
  uploadPath(handle: UploadHandle): string;
  blobPath(location: Location): string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const versionAt = 14;
const place =
  /^(?:sha256\/([0-9a-f]{2})\/\1[0-9a-f]{62}|sha512\/([0-9a-f]{2})\/\2[0-9a-f]{126})\.[A-Za-z0-9_-]{12}$/;

export function createLayout(path: string): Layout {
  const uploads = join(path, "uploads");
  const blobs = join(path, "blobs");
  return {
    uploads,
    blobs,
    uploadPath(handle) {
      if (isHandle(handle)) return join(uploads, handle);
      throw new AppError("storage-failed", "This upload's record is damaged; begin a new upload.", {
        cause: new Error(`not a handle of the disk store: ${JSON.stringify(handle)}`),
      });
    },
    blobPath(location) {
      if (place.test(location)) return join(blobs, location);
      throw new AppError("blob-damaged", "This blob's record is damaged; push the blob again.", {
        cause: new Error(`not a location of the disk store: ${JSON.stringify(location)}`),
      });
    },
  };
}

export function newHandle(): UploadHandle {
  return randomUUID() as UploadHandle;
}

/** Of a file of the spool: a handle to the purge of uploads, told from theirs by its version (8, RFC 9562 section 5.8). */
export function newSpoolName(): string {
  const name = randomUUID();
  return `${name.slice(0, versionAt)}8${name.slice(versionAt + 1)}`;
}

export function isSpoolName(text: string): boolean {
  return uuid.test(text) && text[versionAt] === "8";
}

export function isHandle(text: string): text is UploadHandle {
  return uuid.test(text);
}

/** The folder below `blobs` that holds the blobs of `digest`'s first two digits. */
export function shardOf(digest: Digest): string {
  return `${algorithmOf(digest)}/${hexOf(digest).slice(0, 2)}`;
}

export function newLocation(digest: Digest): Location {
  return `${shardOf(digest)}/${hexOf(digest)}.${randomBytes(9).toString("base64url")}` as Location;
}

/** Whether a location can be one of this store, wherever its folder is. */
export function ownsOnDisk(location: Location): boolean {
  return place.test(location);
}

/** The digest that a (valid) location's name says. */
export function digestAt(location: Location): string {
  const [algorithm = "", , name = ""] = location.split("/");
  return `${algorithm}:${name.slice(0, name.indexOf("."))}`;
}
