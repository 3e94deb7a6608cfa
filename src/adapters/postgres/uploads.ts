import { AppError } from "#core/errors.ts";
import type { UploadHandle } from "#core/blob-store.ts";
import type { Uploads } from "#core/metadata/uploads.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Database } from "./database.ts";
import { lockUpload, selectUpload, uploadSession, type UploadRow } from "./upload-row.ts";

/** Upload sessions and the claims on them. A claim changes only under the lock of its session's row, or by its holder. */
export function postgresUploads(db: Database): Uploads {
  return {
    async begin({ id, repository, owner, algorithm, handle, startedAt }) {
      await db.change(
        "INSERT INTO uploads (id, repository, owner, algorithm, handle, started_at, received, touched_at) " +
          "VALUES ($1, $2, $3, $4, $5, $6, 0, $6)",
        [id, repository, owner ?? null, algorithm, handle, startedAt],
      );
    },

    async find(id) {
      const row = await db.row<UploadRow>(selectUpload, [id]);
      return row && uploadSession(row);
    },

    claim: (id, holder, now, until) =>
      db.transaction(async (tx) => {
        const row = await tx.row<UploadRow>(`${selectUpload} FOR NO KEY UPDATE`, [id]);
        if (!row) return undefined;
        const claimed = await tx.change(
          "INSERT INTO upload_claims AS c (upload_id, holder, until) VALUES ($1, $2, $4) " +
            "ON CONFLICT (upload_id) DO UPDATE SET holder = excluded.holder, until = excluded.until " +
            "WHERE c.holder = excluded.holder OR c.until <= $3",
          [id, holder, now, until],
        );
        return claimed > 0 ? uploadSession(row) : "busy";
      }),

    // One that ran out counts until somebody else took it.
    async renew(id, holder, until) {
      const text = "UPDATE upload_claims SET until = $3 WHERE upload_id = $1 AND holder = $2";
      return (await db.change(text, [id, holder, until])) > 0;
    },

    async release(id, holder) {
      await db.change("DELETE FROM upload_claims WHERE upload_id = $1 AND holder = $2", [id, holder]);
    },

    // Refused, not swallowed, for a holder without a claim: what it would answer to its client isn't true.
    progress: (id, holder, { offset, soFar, touchedAt }) =>
      db.transaction(async (tx) => {
        const found = await lockUpload(tx, id);
        if (!found) throw new AppError("upload-unknown", `Upload ${id} is over. Begin a new one.`);
        if (found.claim?.holder !== holder) {
          throw new AppError("upload-busy", `Another request went on with upload ${id}. Ask for its offset.`);
        }
        await tx.change("UPDATE uploads SET received = $2, so_far = $3, touched_at = $4 WHERE id = $1", [
          id,
          offset,
          soFar ?? null,
          touchedAt,
        ]);
        await tx.change("DELETE FROM upload_claims WHERE upload_id = $1", [id]);
      }),

    // Its claim goes with it.
    end: async (id) => (await db.change("DELETE FROM uploads WHERE id = $1", [id])) > 0,

    expire: (before, now, limit) =>
      db.transaction(async (tx) => {
        // Two steps: a claim that was made before the locks were ours shows only to the second.
        const stale = await tx.rows<{ id: string }>(
          "SELECT id FROM uploads u WHERE touched_at < $1 AND NOT EXISTS " +
            "(SELECT 1 FROM upload_claims c WHERE c.upload_id = u.id AND c.until > $2) " +
            "ORDER BY touched_at LIMIT $3 FOR UPDATE SKIP LOCKED",
          [before, now, limit],
        );
        if (stale.length === 0) return [];
        return tx.rows<{ id: string; handle: UploadHandle }>(
          "DELETE FROM uploads u WHERE id = ANY ($1::text[]) AND touched_at < $2 AND NOT EXISTS " +
            "(SELECT 1 FROM upload_claims c WHERE c.upload_id = u.id AND c.until > $3) RETURNING id, handle",
          [stale.map(({ id }) => id), before, now],
        );
      }),

    knows: async (handle) =>
      (await db.row("SELECT 1 FROM uploads WHERE handle = $1", [handle])) !== undefined,
    count: async () => (await db.row<{ count: number }>("SELECT count(*) AS count FROM uploads"))?.count ?? 0,
    async stale(before) {
      const text = "SELECT count(*) AS count FROM uploads WHERE touched_at < $1";
      return (await db.row<{ count: number }>(text, [before]))?.count ?? 0;
    },
    oldest: () =>
      db.rows<{ repository: RepositoryName; startedAt: number }>(
        'SELECT repository, min(started_at) AS "startedAt" FROM uploads GROUP BY repository',
      ),
  };
}
