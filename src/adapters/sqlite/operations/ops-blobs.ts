import type { AuditActor } from "#core/audit.ts";
import type { Location } from "#core/blob-store.ts";
import type { AddBlob, BlobFacts, Unlinked } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { AppError } from "#core/errors.ts";
import { auditRows } from "../audit-rows.ts";
import type { Claims } from "../claims.ts";
import type { Connection } from "../connection.ts";
import { pullRows } from "../pull-rows.ts";
import { repositoryRows } from "../repository-rows.ts";

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
  const pulls = pullRows(db);
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
  const insertLink = db.prepare<[number, number, number]>(
    "INSERT INTO repository_blobs (repository_id, blob_id, linked_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
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
  const deleteUpload = db.prepare<[string]>("DELETE FROM uploads WHERE id = ?");

  function link(
    repository: RepositoryName,
    blob: { id: number; digest: Digest; size: number },
    now: number,
  ): void {
    const repositoryId = repositories.ensure(repository, now);
    if (insertLink.run(repositoryId, blob.id, now).changes === 0) return;
    referenced.run(blob.id);
    pulls.came({ repository, repositoryId, kind: "blob", digest: blob.digest }, blob.size, now);
  }

  /** The blob's id, and which of two locations nobody needs. */
  function record(add: AddBlob): { id: number; redundant: Location | undefined } {
    const old = known.get(add.digest);
    if (!old) {
      const id = insertBlob.get(add.digest, add.size, add.location, add.now);
      if (id === undefined) throw new Error(`no row for blob ${add.digest}`);
      return { id, redundant: undefined };
    }
    const same = old.location === add.location;
    if (old.damaged === 1 || old.location === add.replace) {
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
    if (claims.takenFrom(id, holder, holder === undefined ? now : -Infinity))
      throw new AppError("upload-busy", "another request is writing to this upload");
    if (deleteUpload.run(id).changes === 0 && holder !== undefined)
      throw new AppError("upload-unknown", `Upload ${id} is over. Begin a new one.`);
    claims.drop(id);
  }

  return {
    addBlob(add: AddBlob): { redundant: Location | undefined } {
      endUpload(add);
      const { id, redundant } = record(add);
      const { repository, digest, size } = add;
      link(repository, { id, digest, size }, add.now);
      audit.change(add.by, add.now, { action: "push-blob", repository, digest });
      return { redundant };
    },

    /** A damaged blob isn't mounted: the client must be asked for its bytes. */
    mount({ repository, digest, from, now, by }: Mount): BlobFacts | undefined {
      const blob =
        from === undefined ? linkedAnywhere.get(digest) : linkedIn.get(digest, repositories.find(from));
      if (!blob || blob.damaged === 1) return undefined;
      link(repository, blob, now);
      audit.change(by, now, { action: "mount-blob", repository, digest, subject: from });
      return { digest: blob.digest, size: blob.size, location: blob.location, damaged: false };
    },

    quarantine({ digest, location }: Quarantine): void {
      markDamaged.run(digest, location);
    },

    moveBlob({ digest, from, to }: MoveBlob): boolean {
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
      return { outcome: "unlinked" };
    },
  };
}

export type BlobOperations = ReturnType<typeof blobOperations>;
