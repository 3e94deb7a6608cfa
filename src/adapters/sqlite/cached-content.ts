import { setImmediate as nextTurn } from "node:timers/promises";
import type { CachedContent, CachedPiece, CacheUsage } from "#core/metadata/cached-content.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { cachedReads, type PieceRow, type UsageRow } from "./reads/read-cached.ts";
import { repositoryReads } from "./reads/read-repositories.ts";

/** Pulls of one transaction, and rows of one read: nothing else happens meanwhile, for some ms. */
const pullsAtOnce = 50;
const rowsAtOnce = 2_000;

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

  /** What is changed meanwhile may or may not count. */
  async function usage(): Promise<CacheUsage> {
    const sum = usageSum();
    for (let last: UsageRow | undefined; ; await nextTurn()) {
      const rows = await read(() => reads.usage(last, rowsAtOnce));
      for (const row of rows) sum.add(row);
      last = rows.at(-1);
      if (rows.length < rowsAtOnce) return sum.usage();
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
    mirrors: () => read(() => reads.mirrors()),
    putMirror: (mirror) => mutate("putMirror", { mirror }),
    mirrorSynced: (mirror) => mutate("mirrorSynced", { mirror }),
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

/** Takes rows in the order of digests: a blob counts once for each upstream and once in all. */
function usageSum() {
  const bytes = new Map<string, number>();
  const counted = new Set<string>();
  let total = 0;
  let blob = "";
  return {
    add({ kind, digest, upstream, size }: UsageRow): void {
      if (kind === "blob") {
        if (digest !== blob) {
          blob = digest;
          counted.clear();
        }
        if (counted.has(upstream)) return;
        if (counted.size === 0) total += size;
        counted.add(upstream);
      } else total += size;
      bytes.set(upstream, (bytes.get(upstream) ?? 0) + size);
    },
    usage: (): CacheUsage => ({
      total,
      upstreams: [...bytes]
        .map(([upstream, sum]) => ({ upstream, bytes: sum }))
        .sort((a, b) => (a.upstream < b.upstream ? -1 : 1)),
    }),
  };
}
