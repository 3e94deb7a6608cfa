import type { BlobFolder } from "#core/metadata/blob-folder.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";

/** The folder of blobs of the seam. */
export function sqliteBlobFolder(db: Connection, read: Read, mutate: Mutate): BlobFolder {
  const known = db.prepare<[], string>("SELECT id FROM blob_folder").pluck();
  return {
    id: () => read(() => known.get()),
    settle: (id) => mutate("settleBlobFolder", { id }),
  };
}
