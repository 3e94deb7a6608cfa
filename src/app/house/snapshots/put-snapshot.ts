/** A snapshot of SQLite's metadata, put beside the blobs: taken, compressed, stored, old ones removed. */
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { takeSnapshot } from "#adapters/sqlite/snapshot/snapshot.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { MetadataShelf } from "#core/metadata-shelf.ts";
import { snapshotName, snapshotTime, type SnapshotReason } from "#core/snapshot-name.ts";
import { createDraft } from "#kit/draft-file.ts";
import { databasePath } from "../../open/storage.ts";

export interface SnapshotPut {
  name: string;
  /** Bytes, compressed. */
  size: number;
  /** Older ones that went. */
  removed: number;
}

/** Needs room for the database and its compressed form in the data folder. Throws AppErrors. @param now ms */
export async function putSnapshot(
  config: Config,
  shelf: MetadataShelf,
  { now, reason, keep, signal }: { now: number; reason: SnapshotReason; keep: number; signal: AbortSignal },
): Promise<SnapshotPut> {
  await using packed = await createDraft(config.data);
  {
    await using draft = await createDraft(config.data);
    await orAborted(takeSnapshot(databasePath(config), draft.path), signal);
    await pack(draft.path, packed.path, config.data, signal);
  }
  const name = snapshotName(now, reason);
  await shelf.put(name, packed.path, signal);
  const { size } = await stat(packed.path);
  // By time, whatever the clock says now: the newest are those that were taken last.
  const old = (await shelf.list()).filter((one) => snapshotTime(one.name) !== undefined).slice(0, -keep);
  for (const one of old) if (one.name !== name) await shelf.remove(one.name);
  return { name, size, removed: old.length };
}

async function pack(from: string, to: string, folder: string, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(createReadStream(from), createGzip(), createWriteStream(to, { flags: "r+" }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code = "error" } = error as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    throw new AppError(
      full ? "storage-full" : "storage-failed",
      full
        ? `the disk of ${folder} is full: free some space there`
        : `the snapshot can't be packed (${code})`,
      { cause: error },
    );
  }
}

/** A statement that runs can't be ended, only left alone: then it fills a file without a name. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason as Error);
  signal.addEventListener("abort", end);
  try {
    await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
    work.catch(() => undefined);
  }
}
