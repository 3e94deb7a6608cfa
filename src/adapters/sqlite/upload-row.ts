import type { UploadHandle } from "#core/blob-store.ts";
import type { UploadSession } from "#core/metadata/uploads.ts";
import type { Algorithm, Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface UploadRow {
  id: string;
  repository: RepositoryName;
  owner: string | null;
  algorithm: Algorithm;
  handle: UploadHandle;
  startedAt: number;
  offset: number;
  soFar: Digest | null;
  touchedAt: number;
}

/** Reads one session as an UploadRow. */
export const selectUpload =
  "SELECT id, repository, owner, algorithm, handle, started_at AS startedAt, received AS offset, " +
  "so_far AS soFar, touched_at AS touchedAt FROM uploads WHERE id = ?";

export function uploadSession(row: UploadRow): UploadSession {
  return {
    ...row,
    owner: row.owner ?? undefined,
    soFar: row.soFar ?? undefined,
  };
}
