import type { Context } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import type { BlobSize } from "#core/source.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { entityTag, noneMatch, rangeHolds } from "#http/edge/conditions.ts";
import { sendBytes } from "#http/edge/send-bytes.ts";
import { parseRange } from "#kit/byte-range.ts";
import { markCache } from "./mark-cache.ts";
import { notePull } from "./note-pull.ts";
import { digestOf } from "./parse.ts";
import type { DistributionRequest } from "./request.ts";

export async function headBlob({ ctx, source, repository, subject }: DistributionRequest): Promise<void> {
  const facts = await source.blobs.stat(repository, digestOf(subject));
  markCache(ctx, facts.cache);
  if (describe(ctx, facts)) return;
  ctx.status = 200;
  ctx.set("Content-Length", String(facts.size));
}

/** Whole, or one range: distribution-spec "Pulling blobs", RFC 9110 section 14. */
export async function getBlob(request: DistributionRequest): Promise<void> {
  if (await handOver(request)) return;
  const { ctx, needs, source, repository, subject } = request;
  const { facts, blob, cache } = await source.blobs.open(repository, digestOf(subject));
  await using _closed = blob;
  markCache(ctx, cache);
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
  notePull(request, "pull-blob", facts.digest);
  await sendBytes(
    ctx,
    size === 0 ? nothing() : blob.read(start, end),
    needs.limits.current.body_idle_timeout,
  );
}

export async function deleteBlob({
  ctx,
  needs,
  repository,
  subject,
  by,
}: DistributionRequest): Promise<void> {
  await needs.blobs.remove(repository, digestOf(subject), by);
  answerEmpty(ctx, 202);
}

/** Conditions that nginx would judge by the file that it sees, not by the digest. */
const ownConditions = ["if-range", "if-match", "if-unmodified-since"];
/** Ranges that nginx understands as Node does. */
const simpleRange = /^bytes=(\d{1,15}-\d{0,15}|-\d{1,15})$/i;
/** How long the place that a client is sent to must work, ms. */
const linkLife = 5 * 60_000;

/**
 * Lets another send the blob: the proxy in front (X-Accel-Redirect, an answer with headers only, which the
 * proxy fills), or the object storage (307 to a signed URL). False: to be sent from here. That is so for
 * everything but the whole or one plain range that fits, so that errors and rare cases (If-Range, several
 * ranges) look alike, whoever sends the bytes.
 */
async function handOver(request: DistributionRequest): Promise<boolean> {
  const { ctx, needs, source, repository, subject } = request;
  const folder = needs.xAccel(ctx.req);
  const urlLife = needs.redirect(ctx.req);
  const { range } = ctx.req.headers;
  if (folder === undefined && urlLife === undefined) return false;
  if (ownConditions.some((name) => ctx.get(name) !== "")) return false;
  if (range !== undefined && !simpleRange.test(range)) return false;
  const found = await source.blobs.link(repository, digestOf(subject), {
    method: "GET",
    range,
    ttl: urlLife ?? linkLife,
  });
  if (found === undefined || found.facts.size === 0) return false;
  const { facts, link } = found;
  if (range !== undefined && typeof parseRange(range, facts.size) === "string") return false;
  if (link.kind === "url" ? urlLife === undefined : folder === undefined) return false;
  markCache(ctx, found.cache);
  if (describe(ctx, facts)) return true;
  notePull(request, "pull-blob", facts.digest);
  if (link.kind === "url") {
    redirect(ctx, link.url);
    return true;
  }
  // nginx adds its own to the whole, and keeps ours with a part.
  if (range === undefined) ctx.remove("Accept-Ranges");
  ctx.set("X-Accel-Redirect", (folder ?? "") + link.path.split("/").map(encodeURIComponent).join("/"));
  ctx.status = 200;
  ctx.body = "";
  return true;
}

/** 307, without a body. The place works for this client and for minutes only, whatever the blob's own headers say. */
function redirect(ctx: Context, url: string): void {
  ctx.remove("Content-Type");
  ctx.remove("Accept-Ranges");
  ctx.remove("ETag");
  ctx.set("Cache-Control", "no-store");
  ctx.set("Location", url);
  answerEmpty(ctx, 307);
}

/** Headers of a blob; true when the client has it already (304). */
function describe(ctx: Context, { digest }: BlobSize): boolean {
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
