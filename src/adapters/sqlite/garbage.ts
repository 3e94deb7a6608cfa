import { setImmediate as nextTurn } from "node:timers/promises";
import type { Garbage, GarbageCounts, LooseLink } from "#core/metadata/garbage.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { firstLink, garbageReads, type LinkKey } from "./reads/read-garbage.ts";
import { repositoryReads } from "./reads/read-repositories.ts";

/** Rows of one read when all are counted: nothing else happens meanwhile, for some ms. */
const rowsAtOnce = 2_000;

/** What nothing holds, of the seam: reads here, mutations as data. */
export function sqliteGarbage(db: Connection, read: Read, mutate: Mutate): Garbage {
  const reads = garbageReads(db);
  const { id } = repositoryReads(db);

  function keyOf(link: LooseLink | undefined): LinkKey {
    if (link === undefined) return firstLink;
    const { repository, digest, unreferencedAt } = link;
    // One that is gone altogether has no id any more: those beside it may come again, none is left out.
    return { unreferencedAt, repositoryId: id(repository), blobId: reads.blobId(digest) ?? 0 };
  }

  /** What is changed meanwhile may or may not count. */
  async function counts(): Promise<GarbageCounts> {
    const unlinked = await read(() => reads.looseBlobsSum());
    const sum = { looseLinks: unlinked.count, looseBytes: unlinked.bytes };
    for (let last: LinkKey | undefined = firstLink; last !== undefined; await nextTurn()) {
      const from: LinkKey = last;
      const rows = await read(() => reads.marked(from, rowsAtOnce));
      for (const { size } of rows) sum.looseBytes += size;
      sum.looseLinks += rows.length;
      last = rows.length < rowsAtOnce ? undefined : rows.at(-1);
    }
    const tombstones = await bytesIn("tombstones");
    const strays = await bytesIn("strays");
    return {
      ...sum,
      tombstones: tombstones.count,
      tombstoneBytes: tombstones.bytes,
      strays: strays.count,
      strayBytes: strays.bytes,
    };
  }

  async function bytesIn(table: "tombstones" | "strays"): Promise<{ count: number; bytes: number }> {
    const sum = { count: 0, bytes: 0 };
    for (let last: string | null = ""; last !== null; await nextTurn()) {
      const from: string = last;
      const page = await read(() => reads.sum(table, from, rowsAtOnce));
      sum.count += page.count;
      sum.bytes += page.bytes;
      last = page.count < rowsAtOnce ? null : page.last;
    }
    return sum;
  }

  return {
    looseLinks: (before, limit, after) => read(() => reads.looseLinks(before, limit, keyOf(after))),
    dropLinks: (chosen, before, now) => mutate("dropLinks", { chosen, before, now }),
    looseBlobs: (before, limit) => read(() => reads.looseBlobs(before, limit)),
    dropBlobs: (chosen, before, now) => mutate("dropBlobs", { chosen, before, now }),
    looseManifests: (limit, after) => read(() => reads.looseManifests(limit, after ?? 0)),
    dropManifests: (chosen, before, now) => mutate("dropManifests", { chosen, before, now }),

    async touch(repository, kind, digest, now, lag) {
      const since = await read(() => reads.since(kind, id(repository), digest));
      if (since === undefined) return false;
      if (since === null || since > now - lag) return true;
      return mutate("touch", { repository, kind, digest, now });
    },

    unknownLocations: (locations) => read(() => locations.filter((location) => !reads.isKnown(location))),
    knownBeginnings: (beginnings) => read(() => new Set(beginnings.filter(reads.isBeginning))),
    noteStrays: (chosen, before, now) => mutate("noteStrays", { chosen, before, now }),
    strays: (limit, after) => read(() => reads.strays(limit, after ?? "")),
    forgetStrays: (locations) => mutate("forgetStrays", { locations }),
    tombstones: (before, limit, after) => read(() => reads.tombstones(before, limit, after)),
    forgetTombstones: (locations) => mutate("forgetTombstones", { locations }),
    counts,
  };
}
