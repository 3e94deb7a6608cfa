import { afterEngineNames } from "#core/engine-name.ts";
import type { RemovedTag, TagFacts, TagRoom } from "#core/metadata/tag-room.ts";
import type { Digest } from "#oci/digest.ts";
import { after, type Database } from "./database.ts";
import { tagRoomChanges } from "./tag-room-changes.ts";

type FactsRow = Omit<TagFacts, "pulledAt"> & { pulledAt: number | null };

/** An index may name another. */
const deepest = 4;

/** Tags for retention, and removed ones, of the seam. */
export function postgresTagRoom(db: Database): TagRoom {
  return {
    ...tagRoomChanges(db),

    async facts(repository, { limit, last }) {
      const rows = await db.rows<FactsRow>(
        'SELECT t.name, m.digest, m.media_type AS "mediaType", m.size, t.updated_at AS "updatedAt", ' +
          'm.pushed_at AS "pushedAt", p.pulled_at AS "pulledAt", coalesce(p.pulls, 0) AS pulls, t.pinned ' +
          "FROM repositories r JOIN tags t ON t.repository_id = r.id JOIN manifests m ON m.id = t.manifest_id " +
          "LEFT JOIN last_pulled p ON p.repository_id = r.id AND p.digest = m.digest AND p.kind = 'manifest' " +
          "WHERE r.name = $1 AND t.name > $2 ORDER BY t.name LIMIT $3",
        [repository, after(last), limit],
      );
      return rows.map((row) => ({ ...row, pulledAt: row.pulledAt ?? undefined }));
    },

    removed: (repository, { limit, after: last, name }) =>
      db.rows<RemovedTag>(
        'SELECT x.id, r.name AS repository, x.name, m.digest, x.removed_at AS "removedAt", ' +
          'x.removed_by AS "removedBy", x.rule FROM removed_tags x JOIN repositories r ON r.id = x.repository_id ' +
          "JOIN manifests m ON m.id = x.manifest_id WHERE x.id < $1 AND ($2::text IS NULL OR r.name = $2) " +
          "AND ($3::text IS NULL OR x.name = $3) ORDER BY x.id DESC LIMIT $4",
        [last ?? Number.MAX_SAFE_INTEGER, repository ?? null, name ?? null, limit],
      ),

    async heldByEngines(digests, repository) {
      if (digests.length === 0) return [];
      const rows = await db.rows<{ root: Digest }>(
        'WITH RECURSIVE named AS (SELECT d COLLATE "C" AS root, d COLLATE "C" AS digest, 0 AS depth ' +
          "FROM unnest($1::text[]) AS d UNION SELECT n.root, f.digest, n.depth + 1 FROM named n " +
          "JOIN repositories r ON r.name = $2 JOIN manifests m ON m.repository_id = r.id AND m.digest = n.digest " +
          `JOIN manifest_references f ON f.manifest_id = m.id AND f.kind = 'manifest' WHERE n.depth < ${deepest}) ` +
          "SELECT DISTINCT n.root FROM named n JOIN repositories e ON e.name < $3 " +
          "JOIN manifests h ON h.repository_id = e.id AND h.digest = n.digest",
        [digests, repository ?? "", afterEngineNames],
      );
      return rows.map(({ root }) => root);
    },

    async pullsKnownSince() {
      const row = await db.row<{ at: number }>(
        "SELECT applied_at AS at FROM schema_migrations WHERE version = 6",
      );
      return row?.at ?? 0;
    },
  };
}
