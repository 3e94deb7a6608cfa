import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { KnownBeginnings, Location, StoredBlob } from "#core/blob-store.ts";
import { storageError } from "#core/storage-error.ts";
import { errnoOf, statFile } from "#kit/file-calls.ts";
import { isAlgorithm, parseDigest } from "#oci/digest.ts";
import { digestAt, ownsOnDisk } from "./layout.ts";

const what = "The stored blobs could not be listed";
/** Names that are asked about at once. */
const page = 500;

/**
 * The blobs below the folder of all blobs; see BlobStore.list. Of known ones only the names are read. A folder that can't
 * be read holds up no other: it is told of in the end.
 */
export async function* listBlobs(
  blobs: string,
  known: KnownBeginnings | undefined,
): AsyncGenerator<StoredBlob, void, void> {
  let failure: { error: unknown } | undefined;
  for await (const algorithm of namesIn(blobs)) {
    if (!isAlgorithm(algorithm)) continue;
    for await (const shard of namesIn(join(blobs, algorithm))) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      const folder = `${algorithm}/${shard}`;
      const pages = pagesIn(blobs, folder);
      for (;;) {
        const next = await pages.next().catch((error: unknown) => ({ error }));
        if ("error" in next) failure ??= next;
        if ("error" in next || next.done === true) break;
        yield* stored(blobs, next.value, known);
      }
    }
  }
  if (failure !== undefined) throw failure.error;
}

async function* pagesIn(blobs: string, folder: string): AsyncGenerator<Location[], void, void> {
  let locations: Location[] = [];
  for await (const name of namesIn(join(blobs, folder))) {
    const location = `${folder}/${name}` as Location;
    if (!ownsOnDisk(location)) continue;
    locations.push(location);
    if (locations.length < page) continue;
    yield locations;
    locations = [];
  }
  if (locations.length > 0) yield locations;
}

async function* stored(
  blobs: string,
  locations: readonly Location[],
  known: KnownBeginnings | undefined,
): AsyncGenerator<StoredBlob, void, void> {
  const skipped = await known?.(locations);
  for (const location of locations) {
    if (skipped?.has(location) === true) continue;
    const digest = parseDigest(digestAt(location));
    const stats = await statFile(join(blobs, location)).catch((error: unknown) => {
      throw storageError(error, what);
    });
    // One that was removed a moment ago has no facts.
    if (digest !== undefined && stats?.isFile() === true)
      yield { location, digest, size: stats.size, writtenAt: stats.mtimeMs };
  }
}

/** None where there is no such folder (any more), or it is a file. */
async function* namesIn(folder: string): AsyncGenerator<string, void, void> {
  try {
    for await (const { name } of await opendir(folder, { bufferSize: page })) yield name;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw storageError(error, what);
  }
}
