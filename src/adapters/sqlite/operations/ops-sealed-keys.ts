import type { SealedKey } from "#core/metadata/sealed-keys.ts";
import type { Connection } from "../connection.ts";

/** Changes of the signing keys. */
export function sealedKeyOperations(db: Connection) {
  const add = db.prepare<[string, number, Uint8Array, string | null]>(
    "INSERT INTO signing_keys (position, kid, created_at, sealed) " +
      "SELECT coalesce(max(position), 0) + 1, ?, ?, ? FROM signing_keys " +
      "HAVING (SELECT kid FROM signing_keys ORDER BY position DESC LIMIT 1) IS ? " +
      "ON CONFLICT DO NOTHING",
  );
  const remove = db.prepare<[string]>("DELETE FROM signing_keys WHERE kid = ?");
  return {
    addSigningKey: ({ key, after }: { key: SealedKey; after: string | undefined }): boolean =>
      add.run(key.kid, key.createdAt, key.sealed, after ?? null).changes === 1,
    removeSigningKeys({ kids }: { kids: readonly string[] }): void {
      for (const kid of kids) remove.run(kid);
    },
  };
}

export type SealedKeyOperations = ReturnType<typeof sealedKeyOperations>;
