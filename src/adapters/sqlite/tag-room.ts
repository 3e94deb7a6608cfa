import type { TagRoom } from "#core/metadata/tag-room.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { repositoryReads } from "./reads/read-repositories.ts";
import { tagRoomReads } from "./reads/read-tag-room.ts";
import { noRepository } from "./repository-rows.ts";

/** Tags for retention, and removed ones, of the seam: reads here, mutations as data. */
export function sqliteTagRoom(db: Connection, read: Read, mutate: Mutate): TagRoom {
  const reads = tagRoomReads(db);
  const { id } = repositoryReads(db);
  return {
    facts: (repository, { limit, last }) => read(() => reads.facts(id(repository), limit, last)),
    remove: (removal) => mutate("removeTag", removal),
    removed: (repository, page) =>
      read(() => reads.removed(repository === undefined ? undefined : id(repository), page)),
    restore: (removed, was, now, by, quotas) => mutate("restoreTag", { id: removed, was, now, by, quotas }),
    forget: (before, limit, now) => mutate("forgetRemovedTags", { before, limit, now }),
    pin: (repository, tag, pinned, now, by) => mutate("pinTag", { repository, tag, pinned, now, by }),
    heldByEngines: (digests, repository) =>
      read(() => reads.heldByEngines(digests, repository === undefined ? noRepository : id(repository))),
    pullsKnownSince: () => read(() => reads.pullsKnownSince()),
  };
}
