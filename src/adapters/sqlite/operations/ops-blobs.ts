import type { AuditActor } from "#core/audit.ts";
import type { Location } from "#core/blob-store.ts";
import type { AddBlob, AddedBlob, BlobFacts, Unlinked } from "#core/metadata/repositories.ts";
import type { OverQuota, QuotaFact } from "#core/metadata/usage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { AppError } from "#core/errors.ts";
import { auditRows } from "../audit-rows.ts";
import type { Claims } from "../claims.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { linkMarks } from "../link-marks.ts";
import { pullRows } from "../pull-rows.ts";
import { quotaSums } from "../quota-sums.ts";
import { repositoryRows } from "../repository-rows.ts";
import { tombstoneRows } from "../tombstone-rows.ts";

interface BlobRow extends Omit<BlobFacts, "damaged"> {
  id: number;
  damaged: 0 | 1;
}

export interface Mount {
  repository: RepositoryName;
  digest: Digest;
  from: RepositoryName | undefined;
  now: number;
  by: AuditActor | undefined;
  quotas?: readonly QuotaFact[] | undefined;
}

export interface Quarantine {
  digest: Digest;
  location: Location;
}

export interface MoveBlob {
  digest: Digest;
  from: Location;
  to: Location;
}

export interface UnlinkBlob {
  repository: RepositoryName;
  digest: Digest;
  now: number;
  by: AuditActor | undefined;
}

/** Changes of blobs and of their links to repositories. */
export function blobOperations(db: Connection, claims: Claims) {
  const repositories = repositoryRows(db);
  const audit = auditRows(db);
  const events = eventRows(db);
  const pulls = pullRows(db);
  const marks = linkMarks(db);
  const tombstones = tombstoneRows(db);
  const sums = quotaSums(db);
  const row = "SELECT b.id, b.digest, b.size, b.location, b.damaged FROM blobs b WHERE b.digest = ?";
  const known = db.prepare<[string], BlobRow>(row);
  const linkedIn = db.prepare<[string, number], BlobRow>(
    `${row} AND EXISTS (SELECT 1 FROM repository_blobs l WHERE l.repository_id = ? AND l.blob_id = b.id)`,
  );
  const linkedAnywhere = db.prepare<[string], BlobRow>(`${row} AND b.unreferenced_at IS NULL`);
  const insertBlob = db
    .prepare<[string, number, string, number], number>(
      "INSERT INTO blobs (digest, size, location, created_at) VALUES (?, ?, ?, ?) RETURNING id",
    )
    .pluck();
  const relocate = db.prepare<[string, number, number]>(
    "UPDATE blobs SET location = ?, size = ?, damaged = 0 WHERE id = ?",
  );
  const markDamaged = db.prepare<[string, string]>(
    "UPDATE blobs SET damaged = 1 WHERE digest = ? AND location = ?",
  );
  const move = db.prepare<[string, string, string]>(
    "UPDATE blobs SET location = ?, damaged = 0 WHERE digest = ? AND location = ?",
  );
  const referenced = db.prepare<[number]>(
    "UPDATE blobs SET unreferenced_at = NULL WHERE id = ? AND unreferenced_at IS NOT NULL",
  );
  const deleteLink = db.prepare<[number, number]>(
    "DELETE FROM repository_blobs WHERE repository_id = ? AND blob_id = ?",
  );
  const unreferenced = db.prepare<[number, number]>(
    "UPDATE blobs SET unreferenced_at = ? WHERE id = ? " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id)",
  );
  const user = db
    .prepare<[number, string], Digest>(
      "SELECT m.digest FROM manifest_references f JOIN manifests m ON m.id = f.manifest_id " +
        "WHERE f.repository_id = ? AND f.digest = ? LIMIT 1",
    )
    .pluck();
  const findUpload = db.prepare<[string], 1>("SELECT 1 FROM uploads WHERE id = ?").pluck();
  const deleteUpload = db.prepare<[string]>("DELETE FROM uploads WHERE id = ?");

  function link(
    repository: RepositoryName,
    blob: { id: number; digest: Digest; size: number },
    now: number,
    by: AuditActor | undefined,
  ): void {
    const repositoryId = repositories.ensure(repository, now);
    if (!marks.link({ name: repository, id: repositoryId }, blob, now, by?.actorId)) return;
    referenced.run(blob.id);
    pulls.came({ repository, repositoryId, kind: "blob", digest: blob.digest }, blob.size, now);
  }

  /** The blob's id, and which of two locations nobody needs. */
  function record(add: AddBlob): { id: number; redundant: Location | undefined } {
    const old = known.get(add.digest);
    if (!old) {
      tombstones.mustLive(add.location);
      const id = insertBlob.get(add.digest, add.size, add.location, add.now);
      if (id === undefined) throw new Error(`no row for blob ${add.digest}`);
      return { id, redundant: undefined };
    }
    const same = old.location === add.location;
    if (old.damaged === 1 || old.location === add.replace) {
      tombstones.mustLive(add.location);
      relocate.run(add.location, add.size, old.id);
      return { id: old.id, redundant: same ? undefined : old.location };
    }
    return { id: old.id, redundant: same ? undefined : add.location };
  }

  /**
   * Forgets the session that the blob came by, unless somebody else is writing to it. Who claimed it must have it
   * still: somebody who took it over meanwhile may have made other bytes a blob at the same place.
   */
  function endUpload({ upload, now }: AddBlob): void {
    if (upload === undefined) return;
    const { id, holder } = upload;
    mustHold(upload, now);
    if (deleteUpload.run(id).changes === 0 && holder !== undefined) throw uploadOver(id);
    claims.drop(id);
  }

  function mustHold({ id, holder }: Exclude<AddBlob["upload"], undefined>, now: number): void {
    if (claims.takenFrom(id, holder, holder === undefined ? now : -Infinity))
      throw new AppError("upload-busy", "another request is writing to this upload");
  }

  /** The quota that the link of a blob of this size would go over, unless the repository has it already. */
  function overBy(
    quotas: readonly QuotaFact[] | undefined,
    repository: RepositoryName,
    digest: Digest,
    size: number,
  ): OverQuota | undefined {
    if (quotas === undefined || quotas.length === 0) return undefined;
    if (linkedIn.get(digest, repositories.find(repository))) return undefined;
    return sums.over(quotas, { bytes: size, brought: size, tags: 0 });
  }

  /** The answer to a blob for which there is no room. Throws like `endUpload`, and writes nothing. */
  function refused({ upload, digest, location, now }: AddBlob, over: OverQuota): AddedBlob {
    if (upload !== undefined) {
      mustHold(upload, now);
      if (upload.holder !== undefined && findUpload.get(upload.id) === undefined) throw uploadOver(upload.id);
    }
    return { redundant: known.get(digest)?.location === location ? undefined : location, over };
  }

  return {
    addBlob(add: AddBlob): AddedBlob {
      const over = overBy(add.quotas, add.repository, add.digest, add.size);
      if (over) return refused(add, over);
      endUpload(add);
      const { id, redundant } = record(add);
      const { repository, digest, size } = add;
      link(repository, { id, digest, size }, add.now, add.by);
      audit.change(add.by, add.now, { action: "push-blob", repository, digest });
      events.change(add.by, add.now, { action: "push", kind: "blob", repository, digest, size });
      return { redundant };
    },

    /** A damaged blob isn't mounted: the client must be asked for its bytes. */
    mount({ repository, digest, from, now, by, quotas }: Mount): BlobFacts | { over: OverQuota } | undefined {
      const blob =
        from === undefined ? linkedAnywhere.get(digest) : linkedIn.get(digest, repositories.find(from));
      if (!blob || blob.damaged === 1) return undefined;
      const over = overBy(quotas, repository, digest, blob.size);
      if (over) return { over };
      link(repository, blob, now, by);
      audit.change(by, now, { action: "mount-blob", repository, digest, subject: from });
      const { size } = blob;
      events.change(by, now, { action: "mount", kind: "blob", repository, digest, size, subject: from });
      return { digest: blob.digest, size: blob.size, location: blob.location, damaged: false };
    },

    quarantine({ digest, location }: Quarantine): void {
      markDamaged.run(digest, location);
    },

    moveBlob({ digest, from, to }: MoveBlob): boolean {
      tombstones.mustLive(to);
      return move.run(to, digest, from).changes > 0;
    },

    unlinkBlob({ repository, digest, now, by }: UnlinkBlob): Unlinked {
      const repositoryId = repositories.find(repository);
      const blob = linkedIn.get(digest, repositoryId);
      if (!blob) return { outcome: "unknown" };
      const manifest = user.get(repositoryId, digest);
      if (manifest !== undefined) return { outcome: "in-use", manifest };
      deleteLink.run(repositoryId, blob.id);
      pulls.went({ repository, repositoryId, kind: "blob", digest });
      unreferenced.run(now, blob.id);
      audit.change(by, now, { action: "delete-blob", repository, digest });
      events.change(by, now, { action: "delete", kind: "blob", repository, digest, size: blob.size });
      return { outcome: "unlinked" };
    },
  };
}

function uploadOver(id: string): AppError {
  return new AppError("upload-unknown", `Upload ${id} is over. Begin a new one.`);
}

export type BlobOperations = ReturnType<typeof blobOperations>;
