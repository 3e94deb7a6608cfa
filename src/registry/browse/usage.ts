import type { Access } from "#core/access.ts";
import { isAdmin, type Caller } from "#core/caller.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Live } from "#core/live.ts";
import type { RepositoryView, UsageView } from "#core/web/views.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Quotas } from "../quotas.ts";
import type { QuotaOf, UsageLists } from "../usage.ts";
import { createPushReach } from "./push-reach.ts";
import type { BrowsedRepositories } from "./repositories.ts";

export interface BrowsedUsage {
  /** Of what the caller may pull; admins see all together. */
  view(caller: Caller, signal: AbortSignal): Promise<UsageView>;
}

export interface BrowsedUsageParts {
  browsed: Pick<BrowsedRepositories, "readable">;
  repositories: Pick<Repositories, "count">;
  lists: Pick<UsageLists, "ofCaller" | "together" | "quotas">;
  access: Pick<Access, "decide">;
  quotas: Live<Quotas>;
  /** Of the disk that blobs lie on; undefined: they lie elsewhere. */
  disk: () => Promise<UsageView["disk"]>;
}

const mostShown = 100;
/** Of a quota that each repository or account has by itself so many are shown. */
const fullest = 20;
/** Repositories of one's own whose quotas are shown. */
const mostWithQuotas = 50;
/** Repositories that are there and may show that one may push under a quota. */
const mostAsked = 1_000;

type Shown = RepositoryView & { blobs: number };

export function createBrowsedUsage(parts: BrowsedUsageParts): BrowsedUsage {
  const { browsed, repositories, lists, quotas, access, disk } = parts;

  async function quotasFor(
    caller: Caller,
    largest: readonly Shown[],
    hosted: readonly string[],
  ): Promise<UsageView["quotas"]> {
    if (quotas.current.none) return [];
    const uses = isAdmin(caller)
      ? await lists.quotas(fullest)
      : [
          ...(await lists.ofCaller(caller)),
          ...(await lists.together(createPushReach(access, caller, hosted))),
        ];
    const views = uses.map(({ name, of, used, bytes, tags }) => ({
      ...limitsOf({ name, bytes, tags }),
      of: whoseText(of),
      used,
    }));
    // Of one that one may pull from one sees it all.
    if (!isAdmin(caller))
      for (const { name, bytes, tags } of largest.slice(0, mostWithQuotas))
        for (const fact of quotas.current.ofRepository(name as RepositoryName))
          views.push({ ...limitsOf(fact), of: name, used: { bytes, tags } });
    return views;
  }

  return {
    async view(caller, signal) {
      const total = { repositories: 0, blobs: 0, manifests: 0, tags: 0, bytes: 0 };
      let largest: Shown[] = [];
      const hosted: string[] = [];
      for await (const one of browsed.readable(caller, signal)) {
        total.repositories++;
        total.blobs += one.blobs;
        total.manifests += one.manifests;
        total.tags += one.tags;
        total.bytes += one.bytes;
        largest.push(one);
        if (one.upstream === undefined && hosted.length < mostAsked) hosted.push(one.name);
        if (largest.length > 10 * mostShown) largest = firstOf(largest);
      }
      largest = firstOf(largest);
      const admin = isAdmin(caller);
      const space = admin ? await disk() : undefined;
      return {
        // A blob that many repositories link is one.
        total: admin ? { ...total, blobs: (await repositories.count()).blobs } : total,
        repositories: largest.map(({ name, bytes, tags }) => ({ name, bytes, tags })),
        quotas: await quotasFor(caller, largest, hosted),
        ...(space === undefined ? {} : { disk: space }),
      };
    },
  };
}

function firstOf(views: readonly Shown[]): Shown[] {
  return [...views].sort((a, b) => b.bytes - a.bytes).slice(0, mostShown);
}

function whoseText(of: QuotaOf): string {
  switch (of.kind) {
    case "repositories":
      return of.globs.join(", ");
    case "repository":
      return of.name;
    case "account":
      return `account ${of.name}`;
  }
}

function limitsOf(limits: { name: string; bytes: number | undefined; tags: number | undefined }) {
  const { name, bytes, tags } = limits;
  return { name, ...(bytes === undefined ? {} : { bytes }), ...(tags === undefined ? {} : { tags }) };
}
