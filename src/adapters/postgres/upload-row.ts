import type { UploadHandle } from "#core/blob-store.ts";
import type { UploadSession } from "#core/metadata/uploads.ts";
import type { Algorithm, Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";

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
  'SELECT id, repository, owner, algorithm, handle, started_at AS "startedAt", received AS "offset", ' +
  'so_far AS "soFar", touched_at AS "touchedAt" FROM uploads WHERE id = $1';

export function uploadSession(row: UploadRow): UploadSession {
  return {
    ...row,
    owner: row.owner ?? undefined,
    soFar: row.soFar ?? undefined,
  };
}

export interface Claim {
  holder: string;
  /** ms since the epoch. */
  until: number;
}

/** A session and who has it. Its row stays locked: nobody claims, ends or goes on with it before the transaction ends. */
export async function lockUpload(
  tx: Queries,
  id: string,
): Promise<{ session: UploadSession; claim: Claim | undefined } | undefined> {
  const row = await tx.row<UploadRow>(`${selectUpload} FOR NO KEY UPDATE`, [id]);
  if (!row) return undefined;
  const claim = await tx.row<Claim>("SELECT holder, until FROM upload_claims WHERE upload_id = $1", [id]);
  return { session: uploadSession(row), claim };
}
