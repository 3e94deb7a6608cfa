import { afterEngineNames } from "#core/engine-name.ts";
import type { RemovedTag, TagFacts } from "#core/metadata/tag-room.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";

type FactsRow = Omit<TagFacts, "pulledAt" | "pinned"> & { pulledAt: number | null; pinned: 0 | 1 };

/** An index may name another. */
const deepest = 4;

/** Reads of tags as retention sees them, and of those that were removed; one statement each. */
export function tagRoomReads(db: Connection) {
  const facts = db.prepare<[number, string, number], FactsRow>(
    "SELECT t.name, m.digest, m.media_type AS mediaType, m.size, t.updated_at AS updatedAt, " +
      "m.pushed_at AS pushedAt, p.pulled_at AS pulledAt, coalesce(p.pulls, 0) AS pulls, t.pinned " +
      "FROM tags t JOIN manifests m ON m.id = t.manifest_id LEFT JOIN last_pulled p " +
      "ON p.repository_id = t.repository_id AND p.digest = m.digest AND p.kind = 'manifest' " +
      "WHERE t.repository_id = ? AND t.name > ? ORDER BY t.name LIMIT ?",
  );
  const removed =
    "SELECT x.id, r.name AS repository, x.name, m.digest, x.removed_at AS removedAt, x.removed_by AS removedBy, " +
    "x.rule FROM removed_tags x JOIN repositories r ON r.id = x.repository_id " +
    "JOIN manifests m ON m.id = x.manifest_id WHERE x.id < :after";
  const newest = "ORDER BY x.id DESC LIMIT :limit";
  type Page = { after: number; limit: number };
  const removedAnywhere = db.prepare<[Page], RemovedTag>(`${removed} ${newest}`);
  const removedHere = db.prepare<[Page & { repository: number }], RemovedTag>(
    `${removed} AND x.repository_id = :repository ${newest}`,
  );
  const removedSo = db.prepare<[Page & { repository: number; name: string }], RemovedTag>(
    `${removed} AND x.repository_id = :repository AND x.name = :name ${newest}`,
  );
  const removedSoAnywhere = db.prepare<[Page & { name: string }], RemovedTag>(
    `${removed} AND x.name = :name ${newest}`,
  );
  const held = db
    .prepare<[{ digests: string; repository: number; after: string }], Digest>(
      "WITH RECURSIVE named (root, digest, depth) AS (SELECT value, value, 0 FROM json_each(:digests) UNION " +
        "SELECT n.root, f.digest, n.depth + 1 FROM named n " +
        "JOIN manifests m ON m.repository_id = :repository AND m.digest = n.digest " +
        `JOIN manifest_references f ON f.manifest_id = m.id AND f.kind = 'manifest' WHERE n.depth < ${deepest}) ` +
        "SELECT DISTINCT n.root FROM named n CROSS JOIN repositories e ON e.name < :after " +
        "CROSS JOIN manifests h ON h.repository_id = e.id AND h.digest = n.digest",
    )
    .pluck();
  const since = db.prepare<[], number>("SELECT applied_at FROM schema_migrations WHERE version = 6").pluck();

  return {
    // No name is empty, so "" sorts before the first.
    facts: (repositoryId: number, limit: number, last = ""): TagFacts[] =>
      facts.all(repositoryId, last, limit).map((row) => ({
        ...row,
        pulledAt: row.pulledAt ?? undefined,
        pinned: row.pinned === 1,
      })),

    removed(
      repository: number | undefined,
      { limit, after = Number.MAX_SAFE_INTEGER, name }: RemovedPage,
    ): RemovedTag[] {
      if (repository === undefined)
        return name === undefined
          ? removedAnywhere.all({ limit, after })
          : removedSoAnywhere.all({ limit, after, name });
      return name === undefined
        ? removedHere.all({ limit, after, repository })
        : removedSo.all({ limit, after, repository, name });
    },

    heldByEngines: (digests: readonly Digest[], repository: number) =>
      held.all({ digests: JSON.stringify(digests), repository, after: afterEngineNames }),

    pullsKnownSince: () => since.get() ?? 0,
  };
}

export interface RemovedPage {
  limit: number;
  after: number | undefined;
  name?: Tag | undefined;
}
