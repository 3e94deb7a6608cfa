import { chmod, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { BlobStore, Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Spool } from "#core/spool.ts";
import { storageError } from "#core/storage-error.ts";
import { createGrowingFiles, type GrowingFile } from "#kit/growing-files.ts";
import { isUuid, uuid } from "#kit/uuid.ts";
import type { Digest } from "#oci/digest.ts";

export interface LocalSpoolParts {
  /** A folder of its own on this machine, made when it is missing. */
  path: string;
  store: BlobStore;
}

/**
 * The spool for a store that is elsewhere (core/spool.ts): a file of this machine that is sent there when it is
 * complete, and then removed. It is never synced: what a crash leaves of it is of no use.
 */
export async function createLocalSpool({ path, store }: LocalSpoolParts): Promise<Spool> {
  const folder = resolve(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw storageError(error, `${folder}, where blobs are kept while they are fetched, could not be made`);
  }
  const files = createGrowingFiles({
    folder,
    names: { make: uuid, is: isUuid },
    syncInBackground: undefined,
    fault: storageError,
  });

  async function send(file: GrowingFile, digest: Digest, size: number): Promise<Location> {
    const handle = store.begin();
    try {
      const digests = { before: undefined, after: () => digest };
      const sent = await store.append(handle, 0, file.read(0, size - 1), { last: true, digests });
      if (sent !== size)
        throw new AppError("storage-failed", `${digest} has ${size} bytes, and ${sent} were sent`);
      return await store.commit(handle, digest, size);
    } catch (error) {
      await store.abort(handle).catch(() => undefined);
      // The body is our own file: not a client broke off, the disk did.
      throw error instanceof AppError && error.code === "upload-interrupted" ? error.cause : error;
    }
  }

  return {
    async begin() {
      const file = await files.begin();
      return {
        name: file.name,
        read: (start, end) => file.read(start, end),
        write: (chunk) => file.write(chunk),
        async commit(digest, size) {
          if (file.size !== size)
            throw new AppError("storage-failed", `${digest} has ${size} bytes, and ${file.size} were stored`);
          const location = await send(file, digest, size);
          // It is stored; a file that can't be removed now is swept up later.
          await file.remove().catch(() => undefined);
          return location;
        },
        abort: () => file.remove(),
        close: () => file.close(),
        [Symbol.asyncDispose]: () => file.close(),
      };
    },

    open: (name) => files.open(name),

    sweep: (before) => files.sweep(before),
  };
}
