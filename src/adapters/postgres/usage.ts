import { afterEngineNames } from "#core/engine-name.ts";
import type { RepositoryUsage, Usage, Used } from "#core/metadata/usage.ts";
import { after, type Database } from "./database.ts";
import { usedBy } from "./quota-sums.ts";
import { takeBack } from "./take-back.ts";

type UsageRow = Omit<RepositoryUsage, "updatedAt"> & { updatedAt: number | null };

const rows =
  'SELECT r.name, u.bytes, u.blobs, u.manifests, u.tags, u.updated_at AS "updatedAt" ' +
  "FROM repositories r JOIN repository_usage u ON u.repository_id = r.id";
const page =
  `${rows} WHERE r.name > $1 AND strpos(r.name, $2) > 0 AND ($3 OR r.upstream IS NULL) ` +
  "AND (u.blobs > 0 OR u.manifests > 0) ORDER BY r.name LIMIT $4";
const links =
  "SELECT coalesce(sum(b.size) FILTER (WHERE shared), 0)::bigint AS shared, " +
  "coalesce(sum(b.size) FILTER (WHERE NOT shared AND loose), 0)::bigint AS loose FROM (" +
  "SELECT l.blob_id, l.unreferenced_at IS NOT NULL AS loose, EXISTS (SELECT 1 FROM repository_blobs o " +
  "WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id) AS shared " +
  "FROM repository_blobs l JOIN repositories r ON r.id = l.repository_id WHERE r.name = $1) AS l " +
  "JOIN blobs b ON b.id = l.blob_id";

/** How much is used of the seam. */
export function postgresUsage(db: Database): Usage {
  return {
    async repositories({ limit, last, contains, cached }) {
      const from = last === undefined ? afterEngineNames : after(last);
      return (await db.rows<UsageRow>(page, [from, contains ?? "", cached === true, limit])).map(usageOf);
    },

    async repository(repository) {
      const row = await db.row<UsageRow>(`${rows} WHERE r.name = $1`, [repository]);
      if (!row) return undefined;
      const { shared, loose } = (await db.row<{ shared: number; loose: number }>(links, [repository])) ?? {
        shared: 0,
        loose: 0,
      };
      const usage = usageOf(row);
      const ownBytes = Math.max(0, usage.bytes - shared);
      return { ...usage, ownBytes, sharedBytes: shared, unreferencedBytes: loose };
    },

    used: (scope) => usedBy(db, scope),

    owners: () =>
      db.rows<Used & { owner: string }>(
        "SELECT owner, bytes, tags FROM owner_usage WHERE bytes > 0 OR tags > 0 ORDER BY owner",
      ),

    takeBack: (repository, owner, since, now, digests) =>
      takeBack(db, repository, owner, since, now, digests),
  };
}

function usageOf(row: UsageRow): RepositoryUsage {
  return { ...row, updatedAt: row.updatedAt ?? undefined };
}
