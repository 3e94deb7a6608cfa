import { pendingUpgrade } from "#adapters/sqlite/pending-upgrade.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { databasePath, migrationsFolder } from "../../open/storage.ts";
import { hasBlobFolder, openMetadataShelf } from "../../open/open-metadata-shelf.ts";
import { putSnapshot, type SnapshotPut } from "./put-snapshot.ts";

/** How long a bucket is waited for, ms. */
const patience = 60_000;

/** What became of it, for the log. */
export type BeforeUpgrade = { put: SnapshotPut } | { without: string };

/**
 * Before a newer Berth changes the database, one of how it was goes beside the blobs. Undefined: there is nothing to do. A
 * bucket that can't be reached doesn't hold up the start: then it says what is lacking. Throws storage-full and
 * storage-failed where the disk doesn't take it.
 */
export async function snapshotBeforeUpgrade(config: Config): Promise<BeforeUpgrade | undefined> {
  const { snapshots, storage } = config;
  if (!snapshots.before_upgrade) return undefined;
  const upgrade = pendingUpgrade(databasePath(config), migrationsFolder);
  if (upgrade === undefined) return undefined;
  const what = `the metadata is brought from schema ${upgrade.from} to ${upgrade.to}`;
  if (!(await hasBlobFolder(config)))
    return {
      without: `${what} without a snapshot of how it was: there is no folder ${storage.disk.path}/blobs`,
    };
  try {
    const shelf = await openMetadataShelf(config);
    const signal = AbortSignal.timeout(patience);
    const order = { now: Date.now(), reason: "upgrade" as const, keep: snapshots.keep, signal };
    return {
      put: await putSnapshot(config, shelf, storage.stores[0] === "s3" ? order : { ...order, signal: never }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (storage.stores[0] === "s3")
      return {
        without: `${what} without a snapshot of how it was, because it can't be put into the bucket: ${why}`,
      };
    const code = error instanceof AppError ? error.code : "storage-failed";
    throw new AppError(
      code,
      `before ${what}, a snapshot of how it is must go beside the blobs, and it can't: ${why} ` +
        "To go on without one, set snapshots.before_upgrade: false",
      { cause: error },
    );
  }
}

const never = new AbortController().signal;
