import { AppError } from "#core/errors.ts";
import { isMediaType, ociIndex } from "#oci/media-type.ts";
import { markCache } from "./mark-cache.ts";
import { nextLink, pageOf } from "./page.ts";
import { digestOf } from "./parse.ts";
import type { DistributionRequest } from "./request.ts";

/** end-1. */
export function support({ ctx, needs, caller }: DistributionRequest): void {
  needs.guard.signedIn(ctx, caller);
  ctx.set("Content-Type", "application/json");
  ctx.body = "{}";
}

export async function listCatalog({ ctx, needs, caller, query }: DistributionRequest): Promise<void> {
  const page = pageOf(query, needs.limits.current.page_size);
  const { items, more } = await needs.catalog.list(needs.guard.catalogReader(ctx, caller), page);
  const last = items.at(-1);
  if (more && last !== undefined) ctx.set("Link", nextLink("/v2/_catalog", page.limit, last));
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({ repositories: items });
}

/** end-8a, 8b. */
export async function listTags(request: DistributionRequest): Promise<void> {
  const { ctx, needs, source, repository, named, query } = request;
  const page = pageOf(query, needs.limits.current.page_size);
  const { items, more, cache } = await source.tags.list(repository, page);
  markCache(ctx, cache);
  const last = items.at(-1);
  if (more && last !== undefined)
    ctx.set("Link", nextLink(`/v2/${named}/tags/list`, page.limit, last, namespaceOf(query)));
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({ name: named, tags: items });
}

/** end-12a, 12b. */
export async function listReferrers(request: DistributionRequest): Promise<void> {
  const { ctx, needs, source, repository, named, subject, query } = request;
  const digest = digestOf(subject);
  const artifactType = query.get("artifactType") ?? undefined;
  if (artifactType !== undefined && !isMediaType(artifactType))
    throw new AppError("page-invalid", "artifactType is not a media type (RFC 6838)");
  const page = { ...pageOf(query, needs.limits.current.page_size), artifactType };
  const { index, next, cache } = await source.referrers.list(repository, digest, page);
  markCache(ctx, cache);
  if (artifactType !== undefined) ctx.set("OCI-Filters-Applied", "artifactType");
  if (next !== undefined) {
    const filter = { ...namespaceOf(query), ...(artifactType === undefined ? {} : { artifactType }) };
    ctx.set("Link", nextLink(`/v2/${named}/referrers/${digest}`, page.limit, next, filter));
  }
  ctx.set("Content-Type", ociIndex);
  ctx.body = index;
}

/** The `ns` of a request, for the address of its next page. */
function namespaceOf(query: URLSearchParams): Record<string, string> {
  const ns = query.get("ns");
  return ns === null ? {} : { ns };
}
