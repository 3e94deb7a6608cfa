import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AppError } from "#core/errors.ts";
import type { MetadataShelf } from "#core/metadata-shelf.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { createBucket, type ObjectRules } from "./bucket.ts";
import { type Patience, patience as standardPatience } from "./retry.ts";
import { createS3Client, type S3ClientParts } from "./s3-client.ts";
import { createWholeObjects } from "./whole-object.ts";

export interface S3ShelfParts extends S3ClientParts, ObjectRules {
  /** Begins every key: "" or `registry/`. */
  prefix: string;
  patience?: Patience;
}

/** Multipart uploads that are older were left by a process that was killed. */
const forgottenAfter = 24 * 3600_000;

/** Snapshots of the metadata below `<prefix>metadata/` of the bucket (core/metadata-shelf.ts, layout.ts). */
export async function createS3Shelf(parts: S3ShelfParts): Promise<MetadataShelf> {
  const { bucket: bucketName, prefix, patience = standardPatience } = parts;
  const client = await createS3Client(parts);
  // They are read soon or never: always the bucket's standard class.
  const rules = { sse: parts.sse, kmsKeyId: parts.kmsKeyId, storageClass: undefined };
  const bucket = createBucket({ client, bucket: bucketName, rules, patience });
  const objects = createWholeObjects(bucket);
  const folder = `${prefix}metadata/`;
  const cantPut = "The snapshot of the metadata could not be stored";
  const cantRead = "The snapshot of the metadata could not be read";

  async function endForgotten(): Promise<void> {
    for await (const { key, uploadId, initiated } of bucket.listUploads(cantPut, folder))
      if (initiated < Date.now() - forgottenAfter) await bucket.abort(cantPut, key, uploadId);
  }

  return {
    async put(name, file, signal) {
      signal.throwIfAborted();
      const bytes = createReadStream(file, { signal });
      try {
        await objects.put(cantPut, folder + checked(name), bytes as AsyncIterable<Uint8Array>);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
      await endForgotten().catch(() => undefined);
    },

    async list() {
      const found = [];
      for await (const { key, size } of bucket.list(
        "The snapshots of the metadata could not be listed",
        folder,
      )) {
        const name = key.slice(folder.length);
        if (snapshotTime(name) !== undefined) found.push({ name, size });
      }
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async fetch(name, file, signal) {
      const key = folder + checked(name);
      const head = await bucket.head(cantRead, key);
      const body = head && (await objects.get(cantRead, key));
      if (head === undefined || body === undefined)
        throw new AppError("storage-failed", `the snapshot ${name} isn't there (any more)`);
      const target = createWriteStream(file, { flags: "wx", mode: 0o600 });
      try {
        await pipeline(body, target, { signal });
      } catch (cause) {
        signal.throwIfAborted();
        const { code = "error" } = cause as NodeJS.ErrnoException;
        const message =
          code === "ENOSPC" || code === "EDQUOT" ? "has no room on the disk" : `broke off (${code})`;
        throw new AppError("storage-failed", `reading the snapshot ${name} ${message}`, { cause });
      }
      if (target.bytesWritten !== head.size)
        throw new AppError("storage-failed", `the snapshot ${name} was cut short: try again`);
    },

    remove: (name) =>
      bucket.remove("The old snapshot of the metadata could not be removed", folder + checked(name)),
  };
}

/** No other object is ever read, written or removed. */
function checked(name: string): string {
  if (snapshotTime(name) !== undefined) return name;
  throw new AppError(
    "storage-failed",
    `${JSON.stringify(name)} is not the name of a snapshot of the metadata`,
  );
}
