import type { CachedPiece, CachedTag, Mirror } from "#core/metadata/cached-content.ts";
import type { Page } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";

/** A piece with all that its place in the order of last pulls depends on. */
export interface PieceRow extends CachedPiece {
  repositoryId: number;
}

export interface UsageRow {
  digest: Digest;
  repositoryId: number;
  kind: CachedPiece["kind"];
  upstream: string;
  size: number;
}

interface MirrorRow {
  name: RepositoryName;
  tags: string;
  platforms: string;
  referrers: 0 | 1;
  every: number;
  syncedAt: number | null;
  fault: string | null;
}

/** Reads of content that came from upstreams; one statement each. */
export function cachedReads(db: Connection) {
  const tag = db.prepare<[number, string], CachedTag>(
    "SELECT m.digest, m.media_type AS mediaType, m.size, coalesce(t.checked_at, 0) AS checkedAt " +
      "FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ? AND t.name = ?",
  );
  const naming = db
    .prepare<[number, string], Digest>(
      "SELECT m.digest FROM manifest_references f JOIN manifests m ON m.id = f.manifest_id " +
        "WHERE f.repository_id = ? AND f.digest = ? LIMIT 1",
    )
    .pluck();
  const holder = db
    .prepare<[string, string], RepositoryName>(
      "SELECT r.name FROM blobs b JOIN repository_blobs l ON l.blob_id = b.id " +
        "JOIN repositories r ON r.id = l.repository_id " +
        "WHERE b.digest = ? AND b.damaged = 0 AND r.upstream = ? LIMIT 1",
    )
    .pluck();
  const names = db
    .prepare<[string, string, number], RepositoryName>(
      "SELECT name FROM repositories r WHERE upstream = ? AND name > ? AND " +
        "(EXISTS (SELECT 1 FROM manifests WHERE repository_id = r.id) OR " +
        "EXISTS (SELECT 1 FROM repository_blobs WHERE repository_id = r.id)) ORDER BY name LIMIT ?",
    )
    .pluck();
  // One look into the index for each, however many repositories there are.
  const upstreams = db
    .prepare<[], string>(
      "WITH RECURSIVE u (name) AS (SELECT min(upstream) FROM repositories WHERE upstream IS NOT NULL UNION ALL " +
        "SELECT (SELECT min(upstream) FROM repositories WHERE upstream > u.name) FROM u WHERE u.name IS NOT NULL) " +
        "SELECT name FROM u WHERE name IS NOT NULL",
    )
    .pluck();
  const coldest = db.prepare<[string, number, string, number, string, number, number], PieceRow>(
    "SELECT r.name AS repository, p.repository_id AS repositoryId, p.kind, p.digest, p.size, p.pulled_at AS pulledAt " +
      "FROM last_pulled p JOIN repositories r ON r.id = p.repository_id WHERE p.upstream = ? " +
      "AND (p.pulled_at, p.digest, p.repository_id, p.kind) > (?, ?, ?, ?) AND p.pulled_at < ? " +
      "ORDER BY p.pulled_at, p.digest, p.repository_id, p.kind LIMIT ?",
  );
  const usage = db.prepare<[string, number, string, number], UsageRow>(
    "SELECT digest, repository_id AS repositoryId, kind, upstream, size FROM last_pulled " +
      "WHERE (digest, repository_id, kind) > (?, ?, ?) AND upstream IS NOT NULL " +
      "ORDER BY digest, repository_id, kind LIMIT ?",
  );
  const mirrors = db.prepare<[], MirrorRow>(
    "SELECT name, tags, platforms, referrers, every_ms AS every, synced_at AS syncedAt, fault " +
      "FROM mirrors ORDER BY name",
  );

  return {
    tag: (repositoryId: number, name: Tag) => tag.get(repositoryId, name),
    naming: (repositoryId: number, digest: Digest) => naming.get(repositoryId, digest),
    holder: (upstream: string, digest: Digest) => holder.get(digest, upstream),
    repositories: (upstream: string, { last, limit }: Page) => names.all(upstream, last ?? "", limit),
    upstreams: () => upstreams.all(),

    coldest: (upstream: string, after: PieceRow | undefined, before: number, limit: number) =>
      coldest.all(
        upstream,
        after?.pulledAt ?? Number.MIN_SAFE_INTEGER,
        after?.digest ?? "",
        after?.repositoryId ?? 0,
        after?.kind ?? "",
        before,
        limit,
      ),

    usage: (after: UsageRow | undefined, limit: number) =>
      usage.all(after?.digest ?? "", after?.repositoryId ?? 0, after?.kind ?? "", limit),

    mirrors: (): Mirror[] =>
      mirrors.all().map((row) => ({
        ...row,
        tags: JSON.parse(row.tags) as string[],
        platforms: JSON.parse(row.platforms) as string[],
        referrers: row.referrers === 1,
        syncedAt: row.syncedAt ?? undefined,
        fault: row.fault ?? undefined,
      })),
  };
}
