import type { Context } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import type { ManifestFacts } from "#core/metadata/repositories.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { entityTag, noneMatch } from "#http/edge/conditions.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { requestBody, wholeBody } from "#http/edge/request-body.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import { withoutParameters } from "#oci/media-type.ts";
import type { Tag } from "#oci/reference.ts";
import { setLocation } from "./location.ts";
import { markCache } from "./mark-cache.ts";
import { noteManifestPull, notePull } from "./note-pull.ts";
import { digestOf, referenceOf, tagInvalid, tagOf } from "./parse.ts";
import type { DistributionRequest } from "./request.ts";

export async function getManifest(request: DistributionRequest): Promise<void> {
  const { ctx, source, repository, subject } = request;
  const reference = referenceOf(subject, unknown);
  const manifest = await source.manifests.get(repository, reference);
  markCache(ctx, manifest.cache);
  const tag = parseDigest(reference) === undefined ? (reference as Tag) : undefined;
  notePull(request, "pull-manifest", manifest.digest, tag);
  if (describe(ctx, manifest)) return;
  noteManifestPull(request, manifest, tag);
  ctx.body = Buffer.from(manifest.bytes.buffer, manifest.bytes.byteOffset, manifest.bytes.byteLength);
}

export async function headManifest({ ctx, source, repository, subject }: DistributionRequest): Promise<void> {
  const facts = await source.manifests.stat(repository, referenceOf(subject, unknown));
  markCache(ctx, facts.cache);
  if (describe(ctx, facts)) return;
  ctx.status = 200;
  ctx.set("Content-Length", String(facts.size));
}

/** Headers of a manifest; true when the client has it already (304). */
function describe(ctx: Context, { digest, mediaType }: ManifestFacts): boolean {
  const tag = entityTag(digest);
  ctx.set("Docker-Content-Digest", digest);
  ctx.set("ETag", tag);
  ctx.set("Cache-Control", "private, no-cache");
  if (noneMatch(ctx.req.headers["if-none-match"], tag)) {
    ctx.status = 304;
    return true;
  }
  ctx.set("Content-Type", mediaType);
  return false;
}

/** end-7a and 7b. */
export async function putManifest(request: DistributionRequest): Promise<void> {
  const { ctx, needs, caller, by, repository, subject, query } = request;
  const limits = needs.limits.current;
  const reference = referenceOf(subject, tagInvalid);
  const tags = tagParameters(query, limits.tags_per_put);
  if (tags.length > 0 && parseDigest(reference) === undefined)
    throw new AppError(
      "manifest-invalid",
      "?tag= goes with a push by digest; this one names a tag in its path",
    );
  const tooLarge = () =>
    new AppError("manifest-too-large", `a manifest may have ${limits.manifest_size} bytes at most`, {
      subject: reference,
      detail: { limit: limits.manifest_size },
    });
  if (Number(ctx.req.headers["content-length"] ?? 0) > limits.manifest_size) throw tooLarge();
  const body = requestBody(ctx.req, limits.body_idle_timeout, exchangeOf(ctx));
  const bytes = await wholeBody(body, limits.manifest_size, tooLarge);
  const contentType = ctx.req.headers["content-type"];
  const pushed = await needs.manifests.put({
    caller,
    by,
    repository,
    reference,
    tags,
    bytes,
    contentType: contentType === undefined ? undefined : withoutParameters(contentType),
    expect: condition(ctx),
  });
  answerEmpty(ctx, 201);
  setLocation(request, `/v2/${request.named}/manifests/${pushed.digest}`);
  ctx.set("Docker-Content-Digest", pushed.digest);
  ctx.set("ETag", entityTag(pushed.digest));
  if (pushed.subject !== undefined) ctx.set("OCI-Subject", pushed.subject);
  if (tags.length > 0) ctx.set("OCI-Tag", pushed.tags);
}

/** A digest deletes the manifest and all tags to it, a tag only itself. */
export async function deleteManifest({
  ctx,
  needs,
  repository,
  subject,
  by,
}: DistributionRequest): Promise<void> {
  await needs.manifests.remove(repository, referenceOf(subject, unknown), by);
  answerEmpty(ctx, 202);
}

function tagParameters(query: URLSearchParams, most: number): Tag[] {
  const given = query.getAll("tag");
  if (given.length > most)
    throw new AppError("too-many-tags", `${given.length} tags are too many for one push: ${most} at most`);
  return given.map(tagOf);
}

/** If-Match / If-None-Match of a push: distribution-spec "Referrers Tag Schema" lets clients use them. */
function condition(ctx: Context): "absent" | "present" | Digest | undefined {
  const ifMatch = ctx.req.headers["if-match"];
  const ifNoneMatch = ctx.req.headers["if-none-match"];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === "*") return "absent";
    throw new AppError(
      "condition-invalid",
      "a push understands If-None-Match: * and If-Match with one entity tag",
    );
  }
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === "*") return "present";
  return digestOf(ifMatch.trim().replace(/^"|"$/g, ""));
}

function unknown(shown: string): AppError {
  return new AppError("manifest-unknown", `${shown} is neither a tag nor a digest, so no manifest has it`);
}
