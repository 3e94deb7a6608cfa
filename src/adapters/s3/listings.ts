import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { BrokenAnswer, failureOf } from "./retry.ts";

export interface ListedObject {
  key: string;
  size: number;
  etag: string;
  /** ms. */
  modified: number;
}

export interface ListedUpload {
  key: string;
  uploadId: string;
  /** ms. */
  initiated: number;
}

export interface Listings {
  /** Objects whose keys begin so, in the order of keys. */
  list(what: string, prefix: string): AsyncGenerator<ListedObject, void, void>;
  /** Multipart uploads under way whose keys begin so. */
  listUploads(what: string, prefix: string): AsyncGenerator<ListedUpload, void, void>;
  /** When the last part of a multipart upload came, ms; undefined: no part, or no such upload. */
  lastPart(what: string, key: string, uploadId: string): Promise<number | undefined>;
}

type Ask = <T>(
  what: string,
  command: string,
  request: (abortSignal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** Lists page by page. A page that says that there is more, but not where, is asked for again and then refused. */
export function createListings(client: S3Client, Bucket: string, ask: Ask): Listings {
  return {
    async *list(what, Prefix) {
      let from: string | undefined;
      do {
        const before = from;
        const page = await ask(what, "ListObjectsV2", async (abortSignal) => {
          const input = { Bucket, Prefix, ...(before === undefined ? {} : { ContinuationToken: before }) };
          const answer = await client.send(new ListObjectsV2Command(input), { abortSignal });
          goesOn(answer.IsTruncated, before, answer.NextContinuationToken);
          return answer;
        });
        for (const { Key, Size, ETag, LastModified } of page.Contents ?? [])
          if (Key !== undefined)
            yield { key: Key, size: Size ?? 0, etag: ETag ?? "", modified: LastModified?.getTime() ?? 0 };
        from = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (from !== undefined);
    },

    async *listUploads(what, Prefix) {
      let from: { KeyMarker: string; UploadIdMarker: string } | undefined;
      do {
        const before = from;
        const page = await ask(what, "ListMultipartUploads", async (abortSignal) => {
          const answer = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...before }), {
            abortSignal,
          });
          const { NextKeyMarker, NextUploadIdMarker } = answer;
          goesOn(
            answer.IsTruncated,
            before && `${before.KeyMarker} ${before.UploadIdMarker}`,
            NextKeyMarker && `${NextKeyMarker} ${NextUploadIdMarker ?? ""}`,
          );
          return answer;
        });
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          if (Key !== undefined && UploadId !== undefined)
            yield { key: Key, uploadId: UploadId, initiated: Initiated?.getTime() ?? 0 };
        const { NextKeyMarker: KeyMarker = "", NextUploadIdMarker: UploadIdMarker = "" } = page;
        from = page.IsTruncated === true ? { KeyMarker, UploadIdMarker } : undefined;
      } while (from !== undefined);
    },

    async lastPart(what, Key, UploadId) {
      let last: number | undefined;
      let from: string | undefined;
      do {
        const before = from;
        const page = await ask(what, "ListParts", async (abortSignal) => {
          const input = {
            Bucket,
            Key,
            UploadId,
            ...(before === undefined ? {} : { PartNumberMarker: before }),
          };
          try {
            const answer = await client.send(new ListPartsCommand(input), { abortSignal });
            goesOn(answer.IsTruncated, before, answer.NextPartNumberMarker);
            return answer;
          } catch (error) {
            if (failureOf(error).status === 404) return undefined;
            throw error;
          }
        });
        for (const { LastModified } of page?.Parts ?? [])
          last = Math.max(last ?? 0, LastModified?.getTime() ?? 0);
        from = page?.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      } while (from !== undefined);
      return last;
    },
  };
}

function goesOn(truncated: boolean | undefined, before: string | undefined, next: string | undefined): void {
  if (truncated === true && (next === undefined || next === before))
    throw new BrokenAnswer("the list is cut, and doesn't say where it goes on");
}
