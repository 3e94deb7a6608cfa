import { randomBytes, randomUUID } from "node:crypto";
import type { Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, type Digest, hexOf, parseDigest } from "#oci/digest.ts";

/**
 * Where things are in the bucket, all below the prefix:
 *
 *     blobs/<uuid, first 2>/<name>          a blob; its multipart upload runs under this key too
 *     uploads/<uuid>/<end>                  checkpoint of an unfinished upload that has `end` bytes
 *     digests/<algorithm>/<hex>/<name>      with digest_marker "object": empty, says a blob's digest
 *     metadata/<name>                       snapshots of the metadata: metadata-shelf.ts
 *     check/<uuid>                          gone at once; shows that the bucket takes writes
 *
 * A handle is the uuid. A name is `<uuid>.<random>`, made anew for each multipart upload and each object that is
 * put whole: so a server that stood still while another went on with its upload can't overwrite what that one
 * stored. A location is `<name>@<digest>`, so that a message or a marker needs no look-up. All become keys, so
 * whatever comes back from metadata is matched whole before it is used.
 */
export interface Layout {
  /** Key prefixes, for listings. */
  readonly blobs: string;
  readonly uploads: string;
  readonly markers: string;
  /** The name of the blob under a key below `blobs`. */
  nameOf(key: string): ObjectName | undefined;
  /** What a marker's key says. */
  marked(key: string): Place | undefined;
  /** Begins the keys of all of a handle's objects. */
  blobKeys(handle: UploadHandle): string;
  blobKey(name: ObjectName): string;
  checkpoints(handle: UploadHandle): string;
  checkpointKey(handle: UploadHandle, end: number): string;
  checkKey(): string;
  markerKey(place: Place): string;
  /** The parts of a location. Throws blob-damaged for anything else. */
  place(location: Location): Place;
  /** The handle that a key below `blobs` or `uploads` belongs to. */
  handleOf(key: string): UploadHandle | undefined;
}

/** Of one object; begins with the handle that it was made for. */
export type ObjectName = string & { readonly __object: true };

export interface Place {
  name: ObjectName;
  digest: Digest;
  key: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const name = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{8}$/;

export function createLayout(prefix: string): Layout {
  const blobs = `${prefix}blobs/`;
  const uploads = `${prefix}uploads/`;
  const markers = `${prefix}digests/`;

  function known(handle: UploadHandle): UploadHandle {
    if (uuid.test(handle)) return handle;
    throw new AppError("storage-failed", "This upload's record is damaged; begin a new upload.", {
      cause: new Error(`not a handle of the S3 store: ${JSON.stringify(handle)}`),
    });
  }
  const blobKey = (of: ObjectName) => `${blobs}${of.slice(0, 2)}/${of}`;
  const checkpoints = (handle: UploadHandle) => `${uploads}${known(handle)}/`;

  return {
    blobs,
    uploads,
    markers,
    nameOf(key) {
      const of = key.slice(blobs.length + 3) as ObjectName;
      return name.test(of) && key === blobKey(of) ? of : undefined;
    },
    marked(key) {
      const [algorithm = "", hex = "", of = "", more] = key.slice(markers.length).split("/");
      const digest = parseDigest(`${algorithm}:${hex}`);
      if (digest === undefined || !name.test(of) || more !== undefined) return undefined;
      return { name: of as ObjectName, digest, key: blobKey(of as ObjectName) };
    },
    blobKeys: (handle) => `${blobs}${known(handle).slice(0, 2)}/${handle}.`,
    blobKey,
    checkpoints,
    checkpointKey: (handle, end) => `${checkpoints(handle)}${end}`,
    checkKey: () => `${prefix}check/${randomUUID()}`,
    markerKey: ({ name: of, digest }) => `${markers}${algorithmOf(digest)}/${hexOf(digest)}/${of}`,
    place(location) {
      const found = parts(location);
      if (found !== undefined) return { ...found, key: blobKey(found.name) };
      throw new AppError("blob-damaged", "This blob's record is damaged; push the blob again.", {
        cause: new Error(`not a location of the S3 store: ${JSON.stringify(location)}`),
      });
    },
    handleOf(key) {
      const text = key.startsWith(blobs)
        ? (name.exec(key.slice(blobs.length + 3))?.[1] ?? "")
        : key.startsWith(uploads)
          ? (key.slice(uploads.length).split("/", 1)[0] ?? "")
          : "";
      return uuid.test(text) ? (text as UploadHandle) : undefined;
    },
  };
}

function parts(location: Location): Pick<Place, "name" | "digest"> | undefined {
  const at = location.indexOf("@");
  const of = location.slice(0, Math.max(at, 0)) as ObjectName;
  const digest = parseDigest(location.slice(at + 1));
  return name.test(of) && digest !== undefined ? { name: of, digest } : undefined;
}

export function newHandle(): UploadHandle {
  return randomUUID() as UploadHandle;
}

export function newName(handle: UploadHandle): ObjectName {
  return `${handle}.${randomBytes(6).toString("base64url")}` as ObjectName;
}

/** Whether a location can be one of this store, whatever its bucket is. */
export function ownsInS3(location: Location): boolean {
  return parts(location) !== undefined;
}

export function locationOf(of: ObjectName, digest: Digest): Location {
  return `${of}@${digest}` as Location;
}
