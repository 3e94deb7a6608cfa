import type { UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { NewUpload, UploadProgress, UploadSession } from "#core/metadata/uploads.ts";
import type { Claims } from "../claims.ts";
import type { Connection } from "../connection.ts";
import { selectUpload, uploadSession, type UploadRow } from "../upload-row.ts";

export interface ClaimUpload {
  id: string;
  holder: string;
  now: number;
  until: number;
}

export interface Expiry {
  before: number;
  now: number;
  limit: number;
}

export interface Expired {
  id: string;
  handle: UploadHandle;
}

/** Changes of upload sessions (rows) and of the claims on them (memory). */
export function uploadOperations(db: Connection, claims: Claims) {
  const find = db.prepare<[string], UploadRow>(selectUpload);
  const insert = db.prepare<[string, string, string | null, string, string, number, number]>(
    "INSERT INTO uploads (id, repository, owner, algorithm, handle, started_at, received, touched_at) " +
      "VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
  );
  const update = db.prepare<[number, string | null, number, string]>(
    "UPDATE uploads SET received = ?, so_far = ?, touched_at = ? WHERE id = ?",
  );
  const remove = db.prepare<[string]>("DELETE FROM uploads WHERE id = ?");
  const untouched = db.prepare<[number], Expired>("SELECT id, handle FROM uploads WHERE touched_at < ?");

  return {
    beginUpload(session: NewUpload): void {
      const { id, repository, owner, algorithm, handle, startedAt } = session;
      insert.run(id, repository, owner ?? null, algorithm, handle, startedAt, startedAt);
    },

    claimUpload({ id, holder, now, until }: ClaimUpload): UploadSession | "busy" | undefined {
      const row = find.get(id);
      if (!row) return undefined;
      if (claims.takenFrom(id, holder, now)) return "busy";
      claims.set(id, { holder, until });
      return uploadSession(row);
    },

    renewUpload({ id, holder, until }: { id: string; holder: string; until: number }): boolean {
      const held = claims.heldBy(id, holder);
      if (held) claims.set(id, { holder, until });
      return held;
    },

    releaseUpload({ id, holder }: { id: string; holder: string }): void {
      if (claims.heldBy(id, holder)) claims.drop(id);
    },

    /** Refused, not swallowed, for a holder without a claim: what it would answer to its client isn't true. */
    progressUpload({ id, holder, progress }: { id: string; holder: string; progress: UploadProgress }): void {
      if (!claims.heldBy(id, holder)) {
        if (find.get(id)) {
          throw new AppError("upload-busy", `Another request went on with upload ${id}. Ask for its offset.`);
        }
        throw new AppError("upload-unknown", `Upload ${id} is over. Begin a new one.`);
      }
      update.run(progress.offset, progress.soFar ?? null, progress.touchedAt, id);
      claims.drop(id);
    },

    endUpload({ id }: { id: string }): boolean {
      claims.drop(id);
      return remove.run(id).changes > 0;
    },

    expireUploads({ before, now, limit }: Expiry): Expired[] {
      claims.dropExpired(now);
      const expired: Expired[] = [];
      for (const upload of untouched.iterate(before)) {
        if (expired.length >= limit) break;
        if (!claims.takenFrom(upload.id, undefined, now)) expired.push(upload);
      }
      for (const { id } of expired) remove.run(id);
      return expired;
    },
  };
}

export type UploadOperations = ReturnType<typeof uploadOperations>;
