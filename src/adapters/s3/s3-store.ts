/**
 * The blob store in a bucket of S3 or of a server that speaks it (core/blob-store.ts; layout.ts says what
 * lies where). Owns everything below its prefix; never looks at what the bytes mean, never copies an object.
 * Several processes and machines may use one bucket. Flow: begin (a final key, no I/O) → append (parts of a
 * multipart upload under that key, then a checkpoint beside it) → commit (last part, Complete, digest told).
 */
import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { appendParts } from "./append.ts";
import { createBucket, type ObjectRules } from "./bucket.ts";
import { createCheckpoints } from "./checkpoint.ts";
import { commitParts, putBlob } from "./commit.ts";
import { createLayout, newHandle } from "./layout.ts";
import { openBlob } from "./open-blob.ts";
import { createLinks } from "./links.ts";
import { listBlobs } from "./list-blobs.ts";
import { createPartSizes } from "./part-sizes.ts";
import { probeRights, probeWrites } from "./probe.ts";
import { type Patience, patience as standardPatience } from "./retry.ts";
import { createS3Client, type S3ClientParts } from "./s3-client.ts";
import { staleUploads } from "./stale-uploads.ts";
import { abortUploads } from "./state-at.ts";
import { createUploadMemory } from "./upload-memory.ts";

export interface S3StoreParts extends S3ClientParts, ObjectRules {
  /** Begins every key: "" or `registry/`. */
  prefix: string;
  /** Of the first parts, bytes; those behind grow unless they are to be equal. */
  partSize: { first: number; fixed: boolean };
  /** Full parts of one upload that are sent at the same time. */
  partsInFlight: number;
  marker: "tag" | "object";
  /** Links for clients, at a base of its own where a CDN stands before the bucket; undefined: none. */
  links: { base: string | undefined } | undefined;
  patience?: Patience;
  /** How long (ms) an object may be just being committed that doesn't tell its digest yet; an hour. */
  untoldFor?: number;
}

/** Buffers for parts kept for the next uploads. */
const idleBuffers = 8;
const untoldFor = 3600_000;

/** Tries every kind of request once; throws unavailable, which says what to correct or to grant. */
export async function createS3Store(parts: S3StoreParts): Promise<BlobStore> {
  const { bucket: name, prefix, partSize, partsInFlight, marker, links, patience = standardPatience } = parts;
  const client = await createS3Client(parts);
  const bucket = createBucket({ client, bucket: name, rules: parts, patience });
  const layout = createLayout(prefix);
  await probeRights(bucket, layout, marker === "tag");
  const memory = createUploadMemory();
  const checkpoints = createCheckpoints(bucket, layout);
  const sizes = createPartSizes(partSize.first, partSize.fixed);
  const pool = createBufferPool({ size: partSize.first, maxIdle: idleBuffers });
  const signed = links && createLinks(bucket, links.base);
  const inFlight = partsInFlight;
  const room = { bucket, layout, checkpoints, memory, sizes, inFlight, pool, marker, patience };

  return {
    begin() {
      const handle = newHandle();
      memory.begun(handle);
      return handle;
    },

    async uploaded(handle) {
      return (await checkpoints.list(handle)).at(-1)?.end ?? 0;
    },

    append: (handle, offset, body, use) => appendParts(room, handle, offset, body, use),

    // Parts can't be read until they are an object.
    reread: () => undefined,

    commit: (handle, digest, size) => commitParts(room, handle, digest, size),

    put: (digest, bytes) => putBlob(room, newHandle(), digest, bytes),

    async abort(handle: UploadHandle) {
      memory.forget(handle);
      memory.used(handle);
      await Promise.all([checkpoints.list(handle).then(checkpoints.remove), abortUploads(room, handle)]);
    },

    open: async (location) => openBlob(bucket, layout.place(location), patience),

    async stat(location) {
      return (await bucket.head("The blob could not be looked up", layout.place(location).key))?.size;
    },

    async link(location, { ttl }) {
      const { key } = layout.place(location);
      return signed && { kind: "url", url: await signed.to(key, ttl) };
    },

    async delete(location) {
      const place = layout.place(location);
      await bucket.remove("The blob could not be removed", place.key);
      if (marker === "object") await bucket.remove("The blob could not be removed", layout.markerKey(place));
    },

    list: (known) => listBlobs(room, parts.untoldFor ?? untoldFor, known),

    staleUploads: (before) => staleUploads(bucket, layout, before),

    check: () => probeWrites(bucket, layout),
  };
}
