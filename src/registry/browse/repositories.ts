import { setImmediate as nextTurn } from "node:timers/promises";
import type { Access } from "#core/access.ts";
import { cachedName, isCachedName, publicName } from "#core/cached-name.ts";
import type { Caller } from "#core/caller.ts";
import { afterEngineNames } from "#core/engine-name.ts";
import type { RepositoryUsage, Usage } from "#core/metadata/usage.ts";
import type { Listed, RepositoryView } from "#core/web/views.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface BrowsedRepositories {
  /** By name, those that the caller may pull from. @param signal ends a search that nobody waits for any more */
  list(
    caller: Caller,
    page: { contains: string | undefined; limit: number; last: string | undefined },
    signal: AbortSignal,
  ): Promise<Listed<RepositoryView>>;
  /** All that the caller may pull from, one after the other. */
  readable(caller: Caller, signal: AbortSignal): AsyncIterable<RepositoryView & { blobs: number }>;
}

/** Rows read at once; between them others get their turn. */
const step = 500;

export function createBrowsedRepositories(
  usage: Pick<Usage, "repositories">,
  access: Access,
): BrowsedRepositories {
  async function* readable(
    caller: Caller,
    signal: AbortSignal,
    contains?: string,
    last?: string,
  ): AsyncGenerator<RepositoryView & { blobs: number }> {
    // What is cached of an upstream's repository follows a hosted one of the same name: both are one to people.
    const known = last !== undefined && last > afterEngineNames;
    let after = known ? cachedName(last as RepositoryName) : afterEngineNames;
    let before: (RepositoryView & { blobs: number }) | undefined;
    for (;;) {
      signal.throwIfAborted();
      const rows = await usage.repositories({ limit: step, last: after, contains, cached: true });
      for (const row of rows) {
        const view = viewOf(row);
        if (before?.name === view.name) before = together(before, view);
        else {
          if (before !== undefined) yield before;
          before = access.decide(caller, publicName(row.name), "pull").allowed ? view : undefined;
        }
      }
      after = rows.at(-1)?.name ?? after;
      if (rows.length < step) break;
      await nextTurn();
    }
    if (before !== undefined) yield before;
  }

  return {
    readable,
    async list(caller, { contains, limit, last }, signal) {
      const items: RepositoryView[] = [];
      for await (const { blobs: _blobs, ...view } of readable(caller, signal, contains, last)) {
        if (items.length === limit) return { items, next: items.at(-1)?.name ?? "" };
        items.push(view);
      }
      return { items };
    },
  };
}

function viewOf({
  name,
  bytes,
  blobs,
  manifests,
  tags,
  updatedAt,
}: RepositoryUsage): RepositoryView & { blobs: number } {
  return {
    name: publicName(name),
    ...(isCachedName(name) ? { upstream: name.split("/", 1)[0] ?? "" } : {}),
    tags,
    manifests,
    blobs,
    bytes,
    ...(updatedAt === undefined ? {} : { updatedAt: new Date(updatedAt).toISOString() }),
  };
}

/** A hosted repository, and what is cached under its name. */
function together<T extends RepositoryView & { blobs: number }>(hosted: T, cached: T): T {
  return {
    ...hosted,
    bytes: hosted.bytes + cached.bytes,
    blobs: hosted.blobs + cached.blobs,
    manifests: hosted.manifests + cached.manifests,
  };
}
