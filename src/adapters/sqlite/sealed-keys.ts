import type { SealedKey, SealedKeys } from "#core/metadata/sealed-keys.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";

/** Signing keys of the seam: reads here, mutations as data. */
export function sqliteSealedKeys(db: Connection, read: Read, mutate: Mutate): SealedKeys {
  const list = db.prepare<[], SealedKey>(
    "SELECT kid, created_at AS createdAt, sealed FROM signing_keys ORDER BY position",
  );
  return {
    list: () => read(() => list.all().map((row) => ({ ...row, sealed: new Uint8Array(row.sealed) }))),
    add: (key, after) => mutate("addSigningKey", { key, after }),
    remove: async (kids) => {
      if (kids.length > 0) await mutate("removeSigningKeys", { kids });
    },
  };
}
