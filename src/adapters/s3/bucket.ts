import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  type GetObjectTaggingCommandOutput,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Digest, parseDigest } from "#oci/digest.ts";
import { createListings, type Listings } from "./listings.ts";
import { failureOf, type Patience, retried } from "./retry.ts";
import { s3Error } from "./s3-error.ts";

/** How objects are to be stored. */
export interface ObjectRules {
  sse: "none" | "s3" | "kms";
  kmsKeyId: string | undefined;
  /** Of blobs; what is short-lived always goes to the bucket's standard one. */
  storageClass: string | undefined;
}

/** A part that was uploaded, as CompleteMultipartUpload names it. */
export interface Part {
  size: number;
  etag: string;
  /** As the server told it back. */
  crc32: string | undefined;
}

export interface StoredObject {
  size: number;
  etag: string;
  /** ms; servers tell whole seconds. */
  modified: number;
}

/**
 * The requests to one bucket, each retried and with a deadline; failures are AppErrors that begin with `what`
 * ("The upload could not be written"). Nothing is looked at but keys and bytes.
 */
export interface Bucket extends Listings {
  readonly name: string;
  /** One object in one request. @returns its entity tag. */
  put(what: string, key: string, bytes: Uint8Array, kind: ObjectKind): Promise<string>;
  head(what: string, key: string): Promise<StoredObject | undefined>;
  /** Bytes `start` … `end` (inclusive), of that entity tag only; undefined when the object isn't there any more. */
  get(
    what: string,
    key: string,
    part?: { start: number; end: number; etag: string },
  ): Promise<Readable | undefined>;
  /** Nothing there is fine. */
  remove(what: string, key: string): Promise<void>;
  /** Tells an object's digest by a tag. */
  tag(what: string, key: string, digest: Digest): Promise<void>;
  /** The digest that an object's tag tells; undefined: none, no such object, or a server that has no tags. */
  tagged(what: string, key: string): Promise<Digest | undefined>;
  beginParts(what: string, key: string): Promise<string>;
  putPart(what: string, key: string, uploadId: string, number: number, bytes: Uint8Array): Promise<Part>;
  /**
   * Makes all parts the object, also when the answer of an earlier try was lost.
   * @returns "found" when there was no answer to tell, but an object of this size is there.
   */
  complete(
    what: string,
    key: string,
    uploadId: string,
    parts: readonly Part[],
  ): Promise<"completed" | "found">;
  /** Nothing there is fine. */
  abort(what: string, key: string, uploadId: string): Promise<void>;
  /** A URL that gives the object to who has it, for `ttl` ms. Never to be logged. */
  sign(what: string, key: string, ttl: number): Promise<URL>;
}

/** A blob (of a digest where a tag tells it), or something that is gone soon. */
export type ObjectKind = { blob: true; digest: Digest | undefined } | "passing";

export interface BucketParts {
  client: S3Client;
  bucket: string;
  rules: ObjectRules;
  patience: Patience;
}

export function createBucket({ client, bucket, rules, patience }: BucketParts): Bucket {
  const Bucket = bucket;
  const encryption = encryptionOf(rules);
  const storage = rules.storageClass === undefined ? {} : { StorageClass: rules.storageClass as "STANDARD" };

  async function ask<T>(
    what: string,
    command: string,
    request: (abortSignal: AbortSignal) => Promise<T>,
    bytes = 0,
  ): Promise<T> {
    try {
      return await retried(patience, bytes, request);
    } catch (error) {
      throw s3Error(error, { what, command, bucket });
    }
  }

  /** Like `ask`, with undefined for what isn't there. */
  async function find<T>(
    what: string,
    command: string,
    request: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    return ask(what, command, async (signal) => {
      try {
        return await request(signal);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async function head(what: string, key: string): Promise<StoredObject | undefined> {
    const found = await find(what, "HeadObject", (abortSignal) =>
      client.send(new HeadObjectCommand({ Bucket, Key: key }), { abortSignal }),
    );
    return (
      found && {
        size: found.ContentLength ?? 0,
        etag: found.ETag ?? "",
        modified: found.LastModified?.getTime() ?? 0,
      }
    );
  }

  return {
    name: bucket,
    ...createListings(client, bucket, ask),
    head,

    async put(what, key, bytes, kind) {
      const blob = kind === "passing" ? {} : storage;
      const tagging =
        kind === "passing" || kind.digest === undefined
          ? {}
          : { Tagging: `digest=${encodeURIComponent(kind.digest)}` };
      const input = {
        Bucket,
        Key: key,
        ContentType: "application/octet-stream",
        ...encryption,
        ...blob,
        ...tagging,
      };
      const { ETag } = await ask(
        what,
        "PutObject",
        (abortSignal) =>
          client.send(new PutObjectCommand({ ...input, Body: bytes, ContentLength: bytes.length }), {
            abortSignal,
          }),
        bytes.length,
      );
      return ETag ?? "";
    },

    async get(what, key, part) {
      const range =
        part === undefined ? {} : { Range: `bytes=${part.start}-${part.end}`, IfMatch: part.etag };
      const found = await find(what, "GetObject", (abortSignal) =>
        client.send(new GetObjectCommand({ Bucket, Key: key, ...range }), { abortSignal }),
      );
      return found?.Body as Readable | undefined;
    },

    async remove(what, key) {
      await find(what, "DeleteObject", (abortSignal) =>
        client.send(new DeleteObjectCommand({ Bucket, Key: key }), { abortSignal }),
      );
    },

    async tag(what, key, digest) {
      const Tagging = { TagSet: [{ Key: "digest", Value: digest }] };
      await ask(what, "PutObjectTagging", (abortSignal) =>
        client.send(new PutObjectTaggingCommand({ Bucket, Key: key, Tagging }), { abortSignal }),
      );
    },

    async tagged(what, key) {
      const found = await find(what, "GetObjectTagging", async (abortSignal) =>
        client.send(new GetObjectTaggingCommand({ Bucket, Key: key }), { abortSignal }).catch(noTags),
      );
      return parseDigest(found?.TagSet?.find(({ Key }) => Key === "digest")?.Value ?? "");
    },

    async beginParts(what, key) {
      const input = { Bucket, Key: key, ContentType: "application/octet-stream", ...encryption, ...storage };
      const { UploadId } = await ask(what, "CreateMultipartUpload", (abortSignal) =>
        client.send(new CreateMultipartUploadCommand(input), { abortSignal }),
      );
      return UploadId ?? "";
    },

    async putPart(what, key, uploadId, number, bytes) {
      const { ETag, ChecksumCRC32 } = await ask(
        what,
        "UploadPart",
        (abortSignal) =>
          client.send(
            new UploadPartCommand({
              Bucket,
              Key: key,
              UploadId: uploadId,
              PartNumber: number,
              Body: bytes,
              ContentLength: bytes.length,
            }),
            { abortSignal },
          ),
        bytes.length,
      );
      return { size: bytes.length, etag: ETag ?? "", crc32: ChecksumCRC32 };
    },

    async complete(what, key, uploadId, parts) {
      const Parts = parts.map(({ etag, crc32 }, index) => ({
        PartNumber: index + 1,
        ETag: etag,
        ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
      }));
      try {
        await ask(what, "CompleteMultipartUpload", (abortSignal) =>
          client.send(
            new CompleteMultipartUploadCommand({
              Bucket,
              Key: key,
              UploadId: uploadId,
              MultipartUpload: { Parts },
            }),
            { abortSignal },
          ),
        );
        return "completed";
      } catch (error) {
        // When it is there in full, an earlier try did it.
        const size = parts.reduce((sum, part) => sum + part.size, 0);
        const found = await head(what, key).catch(() => undefined);
        if (found?.size !== size) throw error;
        return "found";
      }
    },

    async abort(what, key, uploadId) {
      await find(what, "AbortMultipartUpload", (abortSignal) =>
        client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: uploadId }), {
          abortSignal,
        }),
      );
    },

    async sign(what, key, ttl) {
      const command = new GetObjectCommand({ Bucket, Key: key, ResponseCacheControl: "private, no-store" });
      const expiresIn = Math.max(1, Math.round(ttl / 1000));
      return new URL(await ask(what, "GetObject", () => getSignedUrl(client, command, { expiresIn })));
    },
  };
}

function encryptionOf({ sse, kmsKeyId }: ObjectRules) {
  if (sse === "none") return {};
  if (sse === "s3") return { ServerSideEncryption: "AES256" as const };
  return {
    ServerSideEncryption: "aws:kms" as const,
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
  };
}

/** What may not be asked, or isn't known there (403, 501), is none. */
function noTags(error: unknown): GetObjectTaggingCommandOutput | undefined {
  const { status } = failureOf(error);
  if (status === 403 || status === 501) return undefined;
  throw error;
}

/** Gone, or replaced by something else, which for keys that are used once is the same. */
function isMissing(error: unknown): boolean {
  const { name, status } = failureOf(error);
  if (name === "NoSuchBucket") return false;
  return (
    status === 404 || status === 412 || name === "NoSuchKey" || name === "NoSuchUpload" || name === "NotFound"
  );
}
