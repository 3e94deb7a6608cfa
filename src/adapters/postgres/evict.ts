import type { CachedPiece } from "#core/metadata/cached-content.ts";
import type { Digest } from "#oci/digest.ts";
import type { Queries } from "./database.ts";
import { buryGone } from "./tombstone-rows.ts";

interface DuePiece {
  repositoryId: number;
  kind: CachedPiece["kind"];
  digest: Digest;
  /** Of a blob. */
  blobId: number | undefined;
}

/**
 * Takes pieces out of cached repositories, inside a transaction. Locks in the order that all keep: blobs, by digest;
 * repositories, by id; last pulls, by key. So who pushes or mounts one of the blobs comes before or after: it links
 * what stays, or makes a row of its own.
 */
export async function evictPieces(
  tx: Queries,
  pieces: readonly CachedPiece[],
  now: number,
): Promise<{ bytes: number; pieces: number }> {
  const due = await lockDue(tx, pieces);
  if (due.length === 0) return { bytes: 0, pieces: 0 };
  await tx.change(
    "DELETE FROM last_pulled p USING unnest($1::text[], $2::bigint[], $3::text[]) AS due (digest, repository_id, kind) " +
      "WHERE p.digest = due.digest AND p.repository_id = due.repository_id AND p.kind = due.kind",
    [
      due.map(({ digest }) => digest),
      due.map(({ repositoryId }) => repositoryId),
      due.map(({ kind }) => kind),
    ],
  );
  const bytes = (await removeManifests(tx, due)) + (await removeBlobs(tx, due, now));
  return { bytes, pieces: due.length };
}

/** Those that are there and weren't pulled since, with everything locked that they need. */
async function lockDue(tx: Queries, pieces: readonly CachedPiece[]): Promise<DuePiece[]> {
  const digests = pieces.filter(({ kind }) => kind === "blob").map(({ digest }) => digest);
  const blobs = await tx.rows<{ id: number; digest: Digest }>(
    "SELECT id, digest FROM blobs WHERE digest = ANY ($1::text[]) ORDER BY digest FOR UPDATE",
    [digests],
  );
  await tx.rows(
    "SELECT id FROM repositories WHERE name = ANY ($1::text[]) AND upstream IS NOT NULL ORDER BY id FOR NO KEY UPDATE",
    [[...new Set(pieces.map(({ repository }) => repository))]],
  );
  const rows = await tx.rows<Omit<DuePiece, "blobId">>(
    'SELECT p.digest, p.repository_id AS "repositoryId", p.kind ' +
      "FROM (SELECT name, digest, kind, min(at) AS at " +
      "FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS piece (name, digest, kind, at) " +
      "GROUP BY name, digest, kind) AS piece JOIN repositories r ON r.name = piece.name " +
      "JOIN last_pulled p ON p.digest = piece.digest AND p.repository_id = r.id AND p.kind = piece.kind " +
      "WHERE p.pulled_at <= piece.at AND p.upstream IS NOT NULL " +
      "ORDER BY p.digest, p.repository_id, p.kind FOR UPDATE OF p",
    [
      pieces.map(({ repository }) => repository),
      pieces.map(({ digest }) => digest),
      pieces.map(({ kind }) => kind),
      pieces.map(({ pulledAt }) => pulledAt),
    ],
  );
  const ids = new Map(blobs.map(({ id, digest }) => [digest, id]));
  // A blob whose row wasn't there to be locked came in between: it stays.
  return rows
    .map((row) => ({ ...row, blobId: row.kind === "blob" ? ids.get(row.digest) : undefined }))
    .filter(({ kind, blobId }) => kind === "manifest" || blobId !== undefined);
}

/** Their bytes. Tags, references and what was stored go by ON DELETE CASCADE. */
async function removeManifests(tx: Queries, due: readonly DuePiece[]): Promise<number> {
  const manifests = due.filter(({ kind }) => kind === "manifest");
  if (manifests.length === 0) return 0;
  const rows = await tx.rows<{ size: number }>(
    "DELETE FROM manifests m USING unnest($1::bigint[], $2::text[]) AS due (repository_id, digest) " +
      "WHERE m.repository_id = due.repository_id AND m.digest = due.digest RETURNING m.size",
    [manifests.map(({ repositoryId }) => repositoryId), manifests.map(({ digest }) => digest)],
  );
  return rows.reduce((sum, { size }) => sum + size, 0);
}

/** Bytes of those that nobody has any more: their rows go, their locations stay until the bytes are gone, too. */
async function removeBlobs(tx: Queries, due: readonly DuePiece[], now: number): Promise<number> {
  const links = due.filter(({ kind }) => kind === "blob");
  if (links.length === 0) return 0;
  const ids = links.map(({ blobId }) => blobId);
  await tx.change(
    "DELETE FROM repository_blobs l USING unnest($1::bigint[], $2::bigint[]) AS due (repository_id, blob_id) " +
      "WHERE l.repository_id = due.repository_id AND l.blob_id = due.blob_id",
    [links.map(({ repositoryId }) => repositoryId), ids],
  );
  const row = await tx.row<{ bytes: number }>(
    "WITH gone AS (DELETE FROM blobs b WHERE b.id = ANY ($1::bigint[]) " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs l WHERE l.blob_id = b.id) RETURNING b.location, b.size), " +
      `buried AS (${buryGone("$2")}) SELECT coalesce(sum(size), 0)::bigint AS bytes FROM gone`,
    [ids, now],
  );
  return row?.bytes ?? 0;
}
