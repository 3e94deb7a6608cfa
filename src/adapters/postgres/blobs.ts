import type { AuditActor } from "#core/audit.ts";
import { AppError } from "#core/errors.ts";
import type { Location } from "#core/blob-store.ts";
import type {
  AddBlob,
  AddedBlob,
  BlobFacts,
  LinkedBlob,
  Repositories,
  Unlinked,
} from "#core/metadata/repositories.ts";
import type { OverQuota, QuotaFact } from "#core/metadata/usage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { auditChange } from "./audit-rows.ts";
import { after, type Database, type Queries } from "./database.ts";
import { addChangeEvents } from "./event-rows.ts";
import { linkMarks } from "./link-marks.ts";
import { pullRows } from "./pull-rows.ts";
import { overQuotaIn } from "./quota-sums.ts";
import { repositoryRows } from "./repository-rows.ts";
import { mustLive } from "./tombstone-rows.ts";
import { lockUpload } from "./upload-row.ts";

type BlobMethods = Pick<
  Repositories,
  | "blob"
  | "anyBlob"
  | "holders"
  | "recordedBlob"
  | "recordedBlobs"
  | "addBlob"
  | "mount"
  | "quarantine"
  | "moveBlob"
  | "unlinkBlob"
>;

type BlobRow = BlobFacts & { id: number };

const columns = "b.digest, b.size, b.location, b.damaged";
const facts = `SELECT ${columns} FROM blobs b`;
const locked = "SELECT id, digest, size, location, damaged FROM blobs WHERE digest = $1 FOR NO KEY UPDATE";
const isLinked =
  "SELECT 1 FROM repository_blobs l JOIN repositories r ON r.id = l.repository_id " +
  "WHERE r.name = $1 AND l.blob_id = $2";

/** Of a row that others make and take away at the same time. */
const mostLooks = 5;

/** Blobs and their links to repositories. Changes of a blob or of its links are made under its row's lock. */
export function blobMethods(db: Database): BlobMethods {
  return {
    blob: (repository, digest) =>
      db.row<LinkedBlob>(
        `SELECT ${columns}, l.linked_at AS "linkedAt" FROM blobs b ` +
          "JOIN repository_blobs l ON l.blob_id = b.id JOIN repositories r ON r.id = l.repository_id WHERE r.name = $1 AND b.digest = $2",
        [repository, digest],
      ),
    anyBlob: (digest) =>
      db.row<BlobFacts>(`${facts} WHERE b.digest = $1 AND b.unreferenced_at IS NULL`, [digest]),
    recordedBlob: (digest) => db.row<BlobFacts>(`${facts} WHERE b.digest = $1`, [digest]),

    recordedBlobs: ({ last, limit }) =>
      db.rows<BlobFacts>(`${facts} WHERE b.digest > $1 ORDER BY b.digest LIMIT $2`, [after(last), limit]),

    async holders(digest, { last, limit }) {
      const rows = await db.rows<{ name: RepositoryName }>(
        "SELECT r.name FROM blobs b JOIN repository_blobs l ON l.blob_id = b.id JOIN repositories r " +
          "ON r.id = l.repository_id WHERE b.digest = $1 AND r.name > $2 ORDER BY r.name LIMIT $3",
        [digest, after(last), limit],
      );
      return rows.map(({ name }) => name);
    },

    async addBlob(add) {
      const { repository, digest, size, now, location, quotas } = add;
      const added = await db.transaction(async (tx): Promise<AddedBlob> => {
        await endUpload(tx, add);
        const { id, redundant } = await record(tx, add);
        if (redundant !== location) await mustLive(tx, location);
        const over = await overBy(tx, quotas, repository, { id, size }, now);
        if (over) return { redundant: location, over };
        await link(tx, repository, { id, digest, size }, now, add.by);
        await auditChange(tx, add.by, now, { action: "push-blob", repository, digest });
        await addChangeEvents(tx, add.by, now, { action: "push", kind: "blob", repository, digest, size });
        return { redundant };
      }, isWritten);
      if (isWritten(added)) return added;
      const text = "SELECT 1 FROM blobs WHERE digest = $1 AND location = $2";
      return (await db.row(text, [digest, location])) ? { ...added, redundant: undefined } : added;
    },

    // A damaged blob isn't mounted: the client must be asked for its bytes.
    mount: (repository, digest, from, now, by, quotas) =>
      db.transaction(async (tx): ReturnType<Repositories["mount"]> => {
        const blob = await tx.row<BlobRow>(locked, [digest]);
        if (!blob || blob.damaged || !(await mountable(tx, blob.id, from))) return undefined;
        const over = await overBy(tx, quotas, repository, blob, now);
        if (over) return { over };
        await link(tx, repository, blob, now, by);
        await auditChange(tx, by, now, { action: "mount-blob", repository, digest, subject: from });
        const { size } = blob;
        const mounted = { action: "mount", kind: "blob", repository, digest, size, subject: from } as const;
        await addChangeEvents(tx, by, now, mounted);
        return { digest: blob.digest, size: blob.size, location: blob.location, damaged: false };
      }, isWritten),

    async quarantine(digest, location) {
      await db.change("UPDATE blobs SET damaged = true WHERE digest = $1 AND location = $2", [
        digest,
        location,
      ]);
    },

    moveBlob: (digest, from, to) =>
      db.transaction(async (tx) => {
        const text = "UPDATE blobs SET location = $3, damaged = false WHERE digest = $1 AND location = $2";
        if ((await tx.change(text, [digest, from, to])) === 0) return false;
        await mustLive(tx, to);
        return true;
      }),

    unlinkBlob: (repository, digest, now, by) =>
      db.transaction(async (tx): Promise<Unlinked> => {
        const blob = await tx.row<BlobRow>(locked, [digest]);
        const repositoryId = await repositoryRows(tx).lock(repository);
        if (!blob || !(await tx.row(isLinked, [repository, blob.id]))) return { outcome: "unknown" };
        const user = await tx.row<{ digest: Digest }>(
          "SELECT m.digest FROM manifest_references f JOIN manifests m ON m.id = f.manifest_id " +
            "WHERE f.repository_id = $1 AND f.digest = $2 LIMIT 1",
          [repositoryId, digest],
        );
        if (user) return { outcome: "in-use", manifest: user.digest };
        await tx.change("DELETE FROM repository_blobs WHERE repository_id = $1 AND blob_id = $2", [
          repositoryId,
          blob.id,
        ]);
        await tx.change(
          "UPDATE blobs SET unreferenced_at = $1 WHERE id = $2 " +
            "AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id)",
          [now, blob.id],
        );
        await pullRows(tx).went({ repository, repositoryId, kind: "blob", digest });
        await auditChange(tx, by, now, { action: "delete-blob", repository, digest });
        const { size } = blob;
        await addChangeEvents(tx, by, now, { action: "delete", kind: "blob", repository, digest, size });
        return { outcome: "unlinked" };
      }),
  };
}

/**
 * Forgets the session that the blob came by, unless somebody else is writing to it. Who claimed it must have it
 * still: somebody who took it over meanwhile may have made other bytes a blob at the same place.
 */
async function endUpload(tx: Queries, { upload, now }: AddBlob): Promise<void> {
  if (upload === undefined) return;
  const { id, holder } = upload;
  const session = await lockUpload(tx, id);
  if (session === undefined) {
    if (holder === undefined) return;
    throw new AppError("upload-unknown", `Upload ${id} is over. Begin a new one.`);
  }
  const { claim } = session;
  if (claim !== undefined && claim.holder !== holder && (holder !== undefined || claim.until > now))
    throw new AppError("upload-busy", "another request is writing to this upload");
  await tx.change("DELETE FROM uploads WHERE id = $1", [id]);
}

/** What goes over a quota is taken back whole. */
const isWritten = (value: object | undefined): boolean => value === undefined || !("over" in value);

/** The quota that the link of a blob would go over, unless the repository has it already. */
async function overBy(
  tx: Queries,
  quotas: readonly QuotaFact[] | undefined,
  repository: RepositoryName,
  { id, size }: Pick<BlobRow, "id" | "size">,
  now: number,
): Promise<OverQuota | undefined> {
  if (quotas === undefined || quotas.length === 0) return undefined;
  // Its row comes before the quotas' locks: who makes it holds up others that hold such a lock.
  await repositoryRows(tx).ensure(repository, now);
  if (await tx.row(isLinked, [repository, id])) return undefined;
  return overQuotaIn(tx, quotas, { bytes: size, brought: size, tags: 0 });
}

/** The blob's id, its row locked, and which of two locations nobody needs. */
async function record(tx: Queries, add: AddBlob): Promise<{ id: number; redundant: Location | undefined }> {
  const { digest, size, location, now } = add;
  for (let look = 1; look <= mostLooks; look++) {
    const old = await tx.row<BlobRow>(locked, [digest]);
    if (old) return recordAgain(tx, old, add);
    const made = await tx.row<{ id: number }>(
      "INSERT INTO blobs (digest, size, location, created_at) VALUES ($1, $2, $3, $4) " +
        "ON CONFLICT DO NOTHING RETURNING id",
      [digest, size, location, now],
    );
    if (made) return { id: made.id, redundant: undefined };
    // Another push of it committed in between; and where it was evicted at once, too, this begins anew.
  }
  throw new Error(`no row for blob ${digest}`);
}

async function recordAgain(tx: Queries, old: BlobRow, add: AddBlob): ReturnType<typeof record> {
  const { size, location } = add;
  const { id } = old;
  const same = old.location === location;
  if (!old.damaged && old.location !== add.replace) return { id, redundant: same ? undefined : location };
  await tx.change("UPDATE blobs SET location = $1, size = $2, damaged = false WHERE id = $3", [
    location,
    size,
    id,
  ]);
  return { id, redundant: same ? undefined : old.location };
}

async function link(
  tx: Queries,
  repository: RepositoryName,
  { id, digest, size }: Pick<BlobRow, "id" | "digest" | "size">,
  now: number,
  by: AuditActor | undefined,
): Promise<void> {
  const repositoryId = await repositoryRows(tx).ensure(repository, now);
  const added = await linkMarks(tx).link({ name: repository, id: repositoryId }, id, now, by?.actorId);
  if (!added) return;
  await tx.change("UPDATE blobs SET unreferenced_at = NULL WHERE id = $1 AND unreferenced_at IS NOT NULL", [
    id,
  ]);
  await pullRows(tx).came({ repository, repositoryId, kind: "blob", digest }, size, now);
}

async function mountable(tx: Queries, blobId: number, from: RepositoryName | undefined): Promise<boolean> {
  const found =
    from === undefined
      ? await tx.row("SELECT 1 FROM blobs WHERE id = $1 AND unreferenced_at IS NULL", [blobId])
      : await tx.row(isLinked, [from, blobId]);
  return found !== undefined;
}
