import type { IncomingMessage } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";

/** Where a chunk goes, from `Content-Range: <start>-<end>` and Content-Length. */
export interface ChunkPlace {
  start: number | undefined;
  length: number | undefined;
}

/**
 * distribution-spec "Pushing a blob in chunks". `bytes 0-9/*` as RFC 9110 writes it is understood too.
 * Throws upload-invalid for what is no range, size-mismatch where it contradicts Content-Length.
 */
export function chunkPlace(request: IncomingMessage): ChunkPlace {
  const declared = request.headers["content-length"];
  const length =
    declared !== undefined
      ? Number(declared)
      : request.headers["transfer-encoding"] === undefined
        ? 0
        : undefined;
  const header = request.headers["content-range"];
  if (header === undefined) return { start: undefined, length };
  const match = /^(?:bytes[ =])?(\d{1,16})-(\d{1,16})(?:\/(?:\d{1,16}|\*))?$/.exec(header.trim());
  const start = Number(match?.[1]);
  const end = Number(match?.[2]);
  if (match === null || end < start)
    throw new AppError("upload-invalid", "Content-Range does not read <start>-<end>, both ends inclusive");
  if (length !== undefined && end - start + 1 !== length)
    throw new AppError(
      "size-mismatch",
      `Content-Range tells of ${end - start + 1} bytes, Content-Length of ${length}`,
    );
  return { start, length: length ?? end - start + 1 };
}
