import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { proveBlob } from "../backup/proved-bytes.ts";

/**
 * Marks blobs whose bytes were found wrong, so that clients see them as missing and push them again. Each is looked
 * at once more: what was healed meanwhile, or can't be read just now, stays as it is.
 * @returns how many were marked
 */
export async function markDamaged(
  repositories: Pick<Repositories, "quarantine">,
  store: Pick<BlobStore, "open">,
  wrong: readonly BlobFacts[],
): Promise<number> {
  let marked = 0;
  for (const blob of wrong) {
    if (!(await isWrong(store, blob))) continue;
    await repositories.quarantine(blob.digest, blob.location);
    marked++;
  }
  return marked;
}

async function isWrong(
  store: Pick<BlobStore, "open">,
  { digest, size, location }: BlobFacts,
): Promise<boolean> {
  try {
    await using opened = await store.open(location);
    await proveBlob(opened, digest, size, () => undefined);
    return false;
  } catch (error) {
    if (error instanceof AppError) return error.code === "blob-damaged";
    throw error;
  }
}
