import type { UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { Bucket, Part } from "./bucket.ts";
import type { Layout, ObjectName } from "./layout.ts";

/** What of an unfinished upload is in the bucket. */
export interface UploadState {
  /** The multipart upload and what its object will be called; undefined while everything fits the tail. */
  upload: { id: string; name: ObjectName } | undefined;
  /** From number 1 on. */
  parts: readonly Part[];
  /** Bytes behind the parts, too few for a part of their own. */
  tail: Uint8Array;
  /** The digest of all bytes, when who wrote them knew it: shows that the session's row tells of the same bytes. */
  digest: Digest | undefined;
}

export const emptyState: UploadState = {
  upload: undefined,
  parts: [],
  tail: new Uint8Array(),
  digest: undefined,
};

/** Bytes of all parts: where the tail begins. */
export function tailStart({ parts }: Pick<UploadState, "parts">): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

export function endOf(state: UploadState): number {
  return tailStart(state) + state.tail.length;
}

/** A checkpoint's object: its `end` is how many bytes the upload has by it. */
export interface Checkpoint {
  end: number;
  key: string;
  etag: string;
}

/**
 * Checkpoints: an object beside the final key that says where an upload is, so that any process can go on.
 * It holds the multipart upload's id and parts as one line of JSON, and then the tail. Parts that came after
 * the last checkpoint count for nothing: their numbers are written again. One checkpoint is kept for the end
 * and one for the start of the last append, because the session's row may still tell of the latter.
 */
export interface Checkpoints {
  /** In ascending order of `end`. */
  list(handle: UploadHandle): Promise<Checkpoint[]>;
  load(checkpoint: Checkpoint): Promise<UploadState>;
  save(handle: UploadHandle, state: UploadState): Promise<Checkpoint>;
  remove(gone: readonly Checkpoint[]): Promise<void>;
}

const failedToRead = "The upload could not be looked up";

export function createCheckpoints(bucket: Bucket, layout: Layout): Checkpoints {
  return {
    async list(handle) {
      const prefix = layout.checkpoints(handle);
      const found: Checkpoint[] = [];
      for await (const { key, etag } of bucket.list(failedToRead, prefix)) {
        const end = Number(key.slice(prefix.length));
        if (Number.isSafeInteger(end)) found.push({ end, key, etag: plain(etag) });
      }
      return found.sort((one, other) => one.end - other.end);
    },

    async load(checkpoint) {
      const chunks: Uint8Array[] = [];
      for (let attempt = 1; ; attempt++) {
        const body = await bucket.get(failedToRead, checkpoint.key);
        try {
          for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
          return decode(Buffer.concat(chunks), checkpoint.end);
        } catch (cause) {
          // The answer broke off, or isn't what was written.
          if (attempt === 3)
            throw new AppError("unavailable", `${failedToRead}: its checkpoint can't be read. Try again.`, {
              cause,
              retryAfter: 1,
            });
          chunks.length = 0;
        }
      }
    },

    async save(handle, state) {
      const end = endOf(state);
      const key = layout.checkpointKey(handle, end);
      const etag = await bucket.put("The upload could not be written", key, encode(state), "passing");
      return { end, key, etag: plain(etag) };
    },

    async remove(gone) {
      await Promise.all(gone.map(({ key }) => bucket.remove("The upload could not be removed", key)));
    },
  };
}

function encode({ upload, parts, tail, digest }: UploadState): Uint8Array {
  const lines = parts.map(({ size, etag, crc32 }) => [size, etag, crc32]);
  const head = { version: 1, tail: tail.length, digest, upload, parts: lines };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), tail]);
}

function decode(bytes: Buffer, end: number): UploadState {
  const line = bytes.indexOf(0x0a);
  const head = JSON.parse(bytes.toString("utf8", 0, Math.max(line, 0))) as {
    version: number;
    tail: number;
    digest?: Digest;
    upload?: UploadState["upload"];
    parts: [size: number, etag: string, crc32?: string | null][];
  };
  const parts = head.parts.map(([size, etag, crc32]) => ({ size, etag, crc32: crc32 ?? undefined }));
  const state = { upload: head.upload, parts, tail: bytes.subarray(line + 1), digest: head.digest };
  if (head.version !== 1 || state.tail.length !== head.tail || endOf(state) !== end)
    throw new Error("the checkpoint is not what it should be");
  return state;
}

/** Servers and listings differ in the quotes of an entity tag. */
function plain(etag: string): string {
  return etag.replaceAll('"', "");
}
