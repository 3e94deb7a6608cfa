import type { BlobFolder } from "#core/metadata/blob-folder.ts";
import type { Database } from "./database.ts";

/** The folder of blobs of the seam. */
export function postgresBlobFolder(db: Database): BlobFolder {
  const known = async () => (await db.row<{ id: string }>("SELECT id FROM blob_folder"))?.id;
  return {
    id: known,
    async settle(id) {
      await db.change("INSERT INTO blob_folder (one, id) VALUES (1, $1) ON CONFLICT DO NOTHING", [id]);
      return (await known()) ?? id;
    },
  };
}
