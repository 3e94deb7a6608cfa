import type { SealedKey, SealedKeys } from "#core/metadata/sealed-keys.ts";
import type { Database } from "./database.ts";

/** Signing keys of the seam. */
export function postgresSealedKeys(db: Database): SealedKeys {
  return {
    async list() {
      const rows = await db.rows<SealedKey>(
        'SELECT kid, created_at AS "createdAt", sealed FROM signing_keys ORDER BY position',
      );
      return rows.map((row) => ({ ...row, sealed: new Uint8Array(row.sealed) }));
    },
    // Who adds at the same time takes the same position: the second waits for the first, and then adds nothing.
    add: async ({ kid, createdAt, sealed }, after) =>
      (await db.change(
        "INSERT INTO signing_keys (position, kid, created_at, sealed) " +
          "SELECT coalesce(max(position), 0) + 1, $1::text, $2::bigint, $3::bytea FROM signing_keys " +
          "HAVING (SELECT kid FROM signing_keys ORDER BY position DESC LIMIT 1) IS NOT DISTINCT FROM $4::text " +
          "ON CONFLICT DO NOTHING",
        [kid, createdAt, sealed, after ?? null],
      )) === 1,
    async remove(kids) {
      if (kids.length > 0)
        await db.change("DELETE FROM signing_keys WHERE kid = ANY ($1::text[])", [[...kids]]);
    },
  };
}
