import type { Context } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { entityTag, noneMatch, rangeHolds } from "#http/edge/conditions.ts";
import { sendBytes } from "#http/edge/send-bytes.ts";
import { parseRange } from "#kit/byte-range.ts";
import { digestOf } from "./parse.ts";
import type { DistributionRequest } from "./request.ts";

export async function headBlob({ ctx, needs, repository, subject }: DistributionRequest): Promise<void> {
  const facts = await needs.blobs.stat(repository, digestOf(subject));
  if (describe(ctx, facts)) return;
  ctx.status = 200;
  ctx.set("Content-Length", String(facts.size));
}

/** Whole, or one range: distribution-spec "Pulling blobs", RFC 9110 section 14. */
export async function getBlob({ ctx, needs, repository, subject }: DistributionRequest): Promise<void> {
  const { facts, blob } = await needs.blobs.open(repository, digestOf(subject));
  await using _closed = blob;
  if (describe(ctx, facts)) return;
  const { size } = facts;
  const holds = rangeHolds(ctx.get("If-Range"), entityTag(facts.digest));
  const range = parseRange(holds ? ctx.req.headers.range : undefined, size);
  if (range === "unsatisfiable") {
    ctx.set("Content-Range", `bytes */${size}`);
    ctx.remove("Content-Type");
    throw new AppError(
      "range-unsatisfiable",
      `the blob has ${size} bytes; the range asked for lies outside`,
      {
        subject: facts.digest,
        detail: { size },
      },
    );
  }
  const { start, end } = range === "whole" ? { start: 0, end: size - 1 } : range;
  ctx.status = range === "whole" ? 200 : 206;
  if (range !== "whole") ctx.set("Content-Range", `bytes ${start}-${end}/${size}`);
  ctx.set("Content-Length", String(end - start + 1));
  ctx.res.statusCode = ctx.status;
  await sendBytes(
    ctx,
    size === 0 ? nothing() : blob.read(start, end),
    needs.limits.current.body_idle_timeout,
  );
}

export async function deleteBlob({ ctx, needs, repository, subject }: DistributionRequest): Promise<void> {
  await needs.blobs.remove(repository, digestOf(subject));
  answerEmpty(ctx, 202);
}

/** Headers of a blob; true when the client has it already (304). */
function describe(ctx: Context, { digest }: BlobFacts): boolean {
  const tag = entityTag(digest);
  ctx.set("Docker-Content-Digest", digest);
  ctx.set("ETag", tag);
  ctx.set("Accept-Ranges", "bytes");
  // What a digest names never changes; but a shared cache would go on answering for what was deleted,
  // and for callers that may not read it (CVE-2026-35172).
  ctx.set("Cache-Control", "private, max-age=31536000, immutable");
  if (noneMatch(ctx.req.headers["if-none-match"], tag)) {
    ctx.status = 304;
    return true;
  }
  ctx.set("Content-Type", "application/octet-stream");
  return false;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty blob: headers, no bytes.
}
