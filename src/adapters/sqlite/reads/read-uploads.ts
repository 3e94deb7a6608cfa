import type { UploadHandle } from "#core/blob-store.ts";
import type { UploadSession } from "#core/metadata/uploads.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { selectUpload, uploadSession, type UploadRow } from "../upload-row.ts";

/** Reads of upload sessions. */
export function uploadReads(db: Connection) {
  const byId = db.prepare<[string], UploadRow>(selectUpload);
  const byHandle = db.prepare<[string], number>("SELECT 1 FROM uploads WHERE handle = ?").pluck();
  const count = db.prepare<[], number>("SELECT count(*) FROM uploads").pluck();
  const stale = db.prepare<[number], number>("SELECT count(*) FROM uploads WHERE touched_at < ?").pluck();
  const oldest = db.prepare<[], { repository: RepositoryName; startedAt: number }>(
    "SELECT repository, min(started_at) AS startedAt FROM uploads GROUP BY repository",
  );
  return {
    find(id: string): UploadSession | undefined {
      const row = byId.get(id);
      return row && uploadSession(row);
    },
    knows: (handle: UploadHandle) => byHandle.get(handle) !== undefined,
    count: () => count.get() ?? 0,
    stale: (before: number) => stale.get(before) ?? 0,
    oldest: () => oldest.all(),
  };
}
