import { setImmediate as nextTurn } from "node:timers/promises";
import type { CachedContent, CachedPiece, CacheUsage } from "#core/metadata/cached-content.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { createIdSet } from "./id-set.ts";
import { cachedReads, type PieceRow } from "./reads/read-cached.ts";
import { repositoryReads } from "./reads/read-repositories.ts";

/** Pulls of one transaction, and what one look for the usage takes: nothing else happens meanwhile, for some ms. */
const pullsAtOnce = 50;
const repositoriesAtOnce = 50;
const linksAtOnce = 2_000;

/** Content that came from upstreams of the seam: reads here, mutations as data. */
export function sqliteCachedContent(db: Connection, read: Read, mutate: Mutate): CachedContent {
  const reads = cachedReads(db);
  const { id } = repositoryReads(db);

  function coldest(choice: Parameters<CachedContent["coldest"]>[0]): CachedPiece[] {
    const { upstream, before, limit } = choice;
    const after = choice.after && { ...choice.after, repositoryId: id(choice.after.repository) };
    const from = upstream === undefined ? reads.upstreams() : [upstream];
    const rows = from.flatMap((name) => reads.coldest(name, after, before, limit));
    if (from.length > 1) rows.sort(colderFirst);
    return rows.slice(0, limit).map(withoutId);
  }

  /** What was changed meanwhile may or may not count. */
  async function usage(): Promise<CacheUsage> {
    const all = createIdSet();
    const upstreams: CacheUsage["upstreams"] = [];
    let total = 0;
    for (const upstream of await read(() => reads.upstreams())) {
      const own = createIdSet();
      let bytes = 0;
      for (let last = ""; ; await nextTurn()) {
        const page = await read(() => reads.ofUpstream(upstream, last, repositoriesAtOnce));
        for (const repository of page) {
          for await (const { id: blob, size } of linksOf(repository.id)) {
            if (own.add(blob)) bytes += size;
            if (all.add(blob)) total += size;
          }
          const manifests = await read(() => reads.manifestBytes(repository.id));
          bytes += manifests;
          total += manifests;
        }
        last = page.at(-1)?.name ?? "";
        if (page.length < repositoriesAtOnce) break;
      }
      if (bytes > 0) upstreams.push({ upstream, bytes });
    }
    return { total, upstreams };
  }

  async function* linksOf(repositoryId: number): AsyncGenerator<{ id: number; size: number }, void, void> {
    for (let last = 0; ; await nextTurn()) {
      const rows = await read(() => reads.links(repositoryId, last, linksAtOnce));
      yield* rows;
      if (rows.length < linksAtOnce) return;
      last = rows.at(-1)?.id ?? 0;
    }
  }

  return {
    tag: (repository, tag) => read(() => reads.tag(id(repository), tag)),
    confirm: (tags) => mutate("confirmTags", { tags }),
    naming: (repository, digest) => read(() => reads.naming(id(repository), digest)),
    holder: (upstream, digest) => read(() => reads.holder(upstream, digest)),
    repositories: (upstream, page) => read(() => reads.repositories(upstream, page)),

    async pulled(pulls) {
      for (let i = 0; i < pulls.length; i += pullsAtOnce)
        await mutate("notePulls", { pulls: pulls.slice(i, i + pullsAtOnce) });
    },

    usage,
    coldest: (choice) => read(() => coldest(choice)),
    evict: (pieces, now) => mutate("evict", { pieces, now }),
    evictedBytes: (before, limit) => read(() => reads.evictedBytes(before, limit)),
    bytesRemoved: (locations) => mutate("bytesRemoved", { locations }),
    mirrors: () => read(() => reads.mirrors()),
    putMirror: (mirror) => mutate("putMirror", { mirror }),
    removeMirror: (name) => mutate("removeMirror", { name }),
  };
}

/** As the index has them: ASCII only, so characters compare like bytes. */
function colderFirst(a: PieceRow, b: PieceRow): number {
  const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  return (
    a.pulledAt - b.pulledAt ||
    order(a.digest, b.digest) ||
    a.repositoryId - b.repositoryId ||
    order(a.kind, b.kind)
  );
}

function withoutId({ repository, kind, digest, size, pulledAt }: PieceRow): CachedPiece {
  return { repository, kind, digest, size, pulledAt };
}
