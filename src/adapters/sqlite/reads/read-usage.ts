import type { RepositoryDetail, RepositoryUsage, Usage, Used } from "#core/metadata/usage.ts";
import { afterEngineNames } from "#core/engine-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { quotaSums } from "../quota-sums.ts";

type UsageRow = Omit<RepositoryUsage, "updatedAt"> & { updatedAt: number | null };

/** Reads of what is used. */
export function usageReads(db: Connection) {
  const sums = quotaSums(db);
  const columns = "r.name, u.bytes, u.blobs, u.manifests, u.tags, u.updated_at AS updatedAt";
  const rows = `SELECT ${columns} FROM repositories r JOIN repository_usage u ON u.repository_id = r.id`;
  const page = db.prepare<[string, string, string, 0 | 1, number], UsageRow>(
    `${rows} WHERE r.name > ? AND (? = '' OR instr(r.name, ?) > 0) AND (? = 1 OR r.upstream IS NULL) ` +
      "AND (u.blobs > 0 OR u.manifests > 0) ORDER BY r.name LIMIT ?",
  );
  const one = db.prepare<[string], UsageRow & { id: number }>(
    `${rows.replace("SELECT", "SELECT r.id,")} WHERE r.name = ?`,
  );
  const links = db.prepare<[number], { shared: number; loose: number }>(
    "SELECT coalesce(sum(b.size) FILTER (WHERE shared), 0) AS shared, " +
      "coalesce(sum(b.size) FILTER (WHERE NOT shared AND loose), 0) AS loose FROM (" +
      "SELECT l.blob_id, l.unreferenced_at IS NOT NULL AS loose, EXISTS (SELECT 1 FROM repository_blobs o " +
      "WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id) AS shared " +
      "FROM repository_blobs l WHERE l.repository_id = ?) AS l JOIN blobs b ON b.id = l.blob_id",
  );
  const owners = db.prepare<[], Used & { owner: string }>(
    "SELECT owner, bytes, tags FROM owner_usage WHERE bytes > 0 OR tags > 0 ORDER BY owner",
  );

  return {
    used: sums.used,
    owners: () => owners.all(),

    repositories({ limit, last, contains, cached }: Parameters<Usage["repositories"]>[0]): RepositoryUsage[] {
      const text = contains ?? "";
      return page.all(last ?? afterEngineNames, text, text, cached === true ? 1 : 0, limit).map(usageOf);
    },

    repository(name: RepositoryName): RepositoryDetail | undefined {
      const row = one.get(name);
      if (!row) return undefined;
      const { id, ...counters } = row;
      const { shared, loose } = links.get(id) ?? { shared: 0, loose: 0 };
      const usage = usageOf(counters);
      return { ...usage, ownBytes: usage.bytes - shared, sharedBytes: shared, unreferencedBytes: loose };
    },
  };
}

function usageOf(row: UsageRow): RepositoryUsage {
  return { ...row, updatedAt: row.updatedAt ?? undefined };
}
