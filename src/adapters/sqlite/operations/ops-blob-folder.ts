import type { Connection } from "../connection.ts";

/** The id of the folder of blobs. */
export function blobFolderOperations(db: Connection) {
  const put = db.prepare<[string]>("INSERT INTO blob_folder (one, id) VALUES (1, ?) ON CONFLICT DO NOTHING");
  const known = db.prepare<[], string>("SELECT id FROM blob_folder").pluck();
  return {
    settleBlobFolder({ id }: { id: string }): string {
      put.run(id);
      return known.get() ?? id;
    },
  };
}

export type BlobFolderOperations = ReturnType<typeof blobFolderOperations>;
