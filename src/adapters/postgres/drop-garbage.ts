import type { Dropped, LooseBlob, LooseLink, LooseManifest } from "#core/metadata/garbage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";
import { addChangeEvents } from "./event-rows.ts";
import { isHeld, looseSince } from "./held-rows.ts";
import { manifestRows } from "./manifest-rows.ts";
import { buryGone } from "./tombstone-rows.ts";

interface LinkRow {
  repositoryId: number;
  blobId: number;
}

interface ManifestToDrop {
  id: number;
  repository: RepositoryName;
  repositoryId: number;
  digest: Digest;
  mediaType: string;
  size: number;
}

/** What the events of garbage collection name as what removed it. */
const removedBy = "garbage collection";
const nothing: Dropped = { count: 0, blobs: 0, bytes: 0 };

/**
 * Takes links away that nothing needs, inside a transaction. Locks in the order that all keep: blobs, by digest;
 * repositories and how much they use, by id; links. So who pushes, mounts or names one of them comes before or after.
 */
export async function dropLinks(
  tx: Queries,
  links: readonly LooseLink[],
  before: number,
  now: number,
): Promise<Dropped> {
  await tx.rows("SELECT id FROM blobs WHERE digest = ANY ($1::text[]) ORDER BY digest FOR UPDATE", [
    links.map(({ digest }) => digest),
  ]);
  const ids = await lockRepositories(
    tx,
    links.map(({ repository }) => repository),
  );
  // Asked for after the locks: what was done under them meanwhile counts.
  const rows = await tx.rows<LinkRow & { named: boolean }>(
    'SELECT r.id AS "repositoryId", b.id AS "blobId", EXISTS (SELECT 1 ' +
      "FROM manifest_references f WHERE f.repository_id = r.id AND f.digest = b.digest) AS named " +
      "FROM (SELECT DISTINCT name, digest FROM unnest($1::text[], $2::text[]) AS c (name, digest)) AS c " +
      "JOIN repositories r ON r.name = c.name JOIN blobs b ON b.digest = c.digest " +
      "JOIN repository_blobs l ON l.repository_id = r.id AND l.blob_id = b.id " +
      "WHERE l.unreferenced_at < $3 AND r.id = ANY ($4::bigint[]) ORDER BY r.id, b.id FOR UPDATE OF l",
    [links.map(({ repository }) => repository), links.map(({ digest }) => digest), before, ids],
  );
  await clearMarks(
    tx,
    rows.filter(({ named }) => named),
  );
  const due = rows.filter(({ named }) => !named);
  if (due.length === 0) return nothing;
  await lockOwners(tx, due);
  await tx.change(
    "DELETE FROM repository_blobs l USING unnest($1::bigint[], $2::bigint[]) AS due (repository_id, blob_id) " +
      "WHERE l.repository_id = due.repository_id AND l.blob_id = due.blob_id",
    keysOf(due),
  );
  const row = await tx.row<{ blobs: number; bytes: number }>(
    "WITH gone AS (DELETE FROM blobs b WHERE b.id = ANY ($1::bigint[]) " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs l WHERE l.blob_id = b.id) RETURNING b.location, b.size), " +
      `buried AS (${buryGone("$2")}) ` +
      "SELECT count(*) AS blobs, coalesce(sum(size), 0)::bigint AS bytes FROM gone",
    [due.map(({ blobId }) => blobId), now],
  );
  return { count: due.length, blobs: row?.blobs ?? 0, bytes: row?.bytes ?? 0 };
}

/** Buries blobs that nobody has linked for so long. Who pushes one of them waits, and then makes a row of its own. */
export async function dropBlobs(
  tx: Queries,
  blobs: readonly LooseBlob[],
  before: number,
  now: number,
): Promise<Dropped> {
  // Locked before it is asked who links them: a mount that came first has committed then.
  const locked = await tx.rows<{ id: number }>(
    "SELECT id FROM blobs WHERE digest = ANY ($1::text[]) AND unreferenced_at < $2 ORDER BY digest FOR UPDATE",
    [blobs.map(({ digest }) => digest), before],
  );
  const row = await tx.row<{ blobs: number; bytes: number }>(
    "WITH gone AS (DELETE FROM blobs b WHERE b.id = ANY ($1::bigint[]) " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs l WHERE l.blob_id = b.id) RETURNING b.location, b.size), " +
      `buried AS (${buryGone("$2")}) ` +
      "SELECT count(*) AS blobs, coalesce(sum(size), 0)::bigint AS bytes FROM gone",
    [locked.map(({ id }) => id), now],
  );
  const { blobs: count, bytes } = row ?? { blobs: 0, bytes: 0 };
  return { count, blobs: count, bytes };
}

/** Removes manifests that nothing needs, inside a transaction, under the locks of their repositories. */
export async function dropManifests(
  tx: Queries,
  manifests: readonly LooseManifest[],
  before: number,
  now: number,
): Promise<{ manifests: number; bytes: number }> {
  const ids = await lockRepositories(
    tx,
    manifests.map(({ repository }) => repository),
  );
  const due = await tx.rows<ManifestToDrop>(
    'SELECT m.id, r.name AS repository, r.id AS "repositoryId", m.digest, m.media_type AS "mediaType", m.size ' +
      "FROM manifests m JOIN repositories r ON r.id = m.repository_id WHERE m.id = ANY ($1::bigint[]) " +
      `AND r.id = ANY ($2::bigint[]) AND r.upstream IS NULL AND ${looseSince} < $3 AND NOT ${isHeld} ` +
      "ORDER BY m.id FOR UPDATE OF m",
    [manifests.map(({ id }) => id), ids, before],
  );
  const rows = manifestRows(tx);
  for (const manifest of due) await rows.remove(manifest, now);
  const gone = { action: "delete", kind: "manifest", subject: removedBy } as const;
  const events = due.map(({ repository, digest, mediaType, size }) => ({
    ...gone,
    ...{ repository, digest, mediaType, size },
  }));
  await addChangeEvents(tx, undefined, now, ...events);
  return { manifests: due.length, bytes: due.reduce((sum, { size }) => sum + size, 0) };
}

/** Those of hosted ones, with how much they use, so that triggers meet no others' locks in another order. */
async function lockRepositories(tx: Queries, names: readonly RepositoryName[]): Promise<number[]> {
  const rows = await tx.rows<{ id: number }>(
    "SELECT id FROM repositories WHERE name = ANY ($1::text[]) AND upstream IS NULL ORDER BY id FOR NO KEY UPDATE",
    [[...new Set(names)]],
  );
  const ids = rows.map(({ id }) => id);
  await tx.rows(
    "SELECT repository_id FROM repository_usage WHERE repository_id = ANY ($1::bigint[]) " +
      "ORDER BY repository_id FOR NO KEY UPDATE",
    [ids],
  );
  return ids;
}

async function lockOwners(tx: Queries, due: readonly LinkRow[]): Promise<void> {
  await tx.rows(
    "SELECT owner FROM owner_usage WHERE owner IN (SELECT l.owner FROM repository_blobs l " +
      "JOIN unnest($1::bigint[], $2::bigint[]) AS due (repository_id, blob_id) " +
      "ON l.repository_id = due.repository_id AND l.blob_id = due.blob_id) ORDER BY owner FOR NO KEY UPDATE",
    keysOf(due),
  );
}

/** A mark that shouldn't be there. */
async function clearMarks(tx: Queries, named: readonly LinkRow[]): Promise<void> {
  if (named.length === 0) return;
  await tx.change(
    "UPDATE repository_blobs l SET unreferenced_at = NULL " +
      "FROM unnest($1::bigint[], $2::bigint[]) AS named (repository_id, blob_id) " +
      "WHERE l.repository_id = named.repository_id AND l.blob_id = named.blob_id",
    keysOf(named),
  );
}

const keysOf = (links: readonly LinkRow[]) => [
  links.map(({ repositoryId }) => repositoryId),
  links.map(({ blobId }) => blobId),
];
