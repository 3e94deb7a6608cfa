/** Whether the folder of blobs that this process sees is the one that its metadata speaks of. */
import { ensureFolderId, idFile, readFolderId } from "#adapters/disk/folder-id.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFolder } from "#core/metadata/blob-folder.ts";

/** Of metadata; without `settle` a folder that isn't known yet stays so. */
export type KnownFolder = Pick<BlobFolder, "id"> & Partial<BlobFolder>;

/**
 * Opens the folder when it is the known one; the first one becomes known. Nothing is made in any other.
 * Throws storage-failed, with what to do.
 */
export async function openKnownFolder<T>(
  path: string,
  folder: KnownFolder,
  open: () => Promise<T>,
): Promise<T> {
  const known = await folder.id();
  if (known !== undefined) refuseOther(path, known, await readFolderId(path));
  const opened = await open();
  if (known === undefined && folder.settle !== undefined) {
    const found = await ensureFolderId(path);
    refuseOther(path, await folder.settle(found), found);
  }
  return opened;
}

function refuseOther(path: string, known: string, found: string | undefined): void {
  if (found === known) return;
  const file = `${path}/${idFile}`;
  throw new AppError(
    "storage-failed",
    `${path} is not the folder that this database's blobs lie in: ` +
      (found === undefined ? `there is no ${file}` : `${file} says ${found}`) +
      `, and that of the folder with the blobs says ${known}. Mount or move that folder to ${path}, or name it as ` +
      `storage.disk.path. Only if this folder is to take its place, because the blobs were copied here without that ` +
      `file or are lost, give it the id first: mkdir -p ${path} && echo ${known} > ${file}`,
  );
}
