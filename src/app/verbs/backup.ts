/**
 * `berth backup`: one consistent snapshot of SQLite's metadata, and the blobs that it names, while pushes run.
 * Flow: lease (or the folder's lock where no server runs) → snapshot as a draft → blobs → the snapshot's name.
 */
import { createReadStream, existsSync, realpathSync } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { blobFile } from "#adapters/disk/blob-file.ts";
import { openSnapshot, takeSnapshot } from "#adapters/sqlite/snapshot/snapshot.ts";
import type { Config } from "#config/config.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { AppError } from "#core/errors.ts";
import { createDraft, type DraftFile } from "#kit/draft-file.ts";
import type { Digest } from "#oci/digest.ts";
import { backUpBlobs, type BlobsBackedUp } from "#maintenance/backup/back-up-blobs.ts";
import { recordedBlobs, soundBlobs } from "#maintenance/recorded-blobs.ts";
import { holdBackupLease } from "./backup-lease.ts";
import type { KnownFolder } from "../open/blob-folder.ts";
import {
  type BackupPlace,
  type BucketAccess,
  openCopies,
  openPlaceBucket,
  placeText,
  refuseStore,
} from "./backup-places.ts";
import { keptInPostgres, openMetadataAsItIs } from "../open/open-metadata.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { openStore } from "../open/open-store.ts";
import { refusePostgres } from "./postgres-backup.ts";
import { reachFolder } from "../open/reach-folder.ts";
import { databasePath, hasReadable } from "../open/storage.ts";

export interface BackupOrder {
  /** Undefined: only blobs, which PostgreSQL's own tool leaves out. */
  snapshot: BackupPlace | undefined;
  /** Undefined: only the snapshot. */
  blobs: BackupPlace | undefined;
  /** Replace a snapshot that is there. */
  force: boolean;
  /** Read every blob, also those that needn't be copied. */
  verify: boolean;
  access: BucketAccess;
  /** Ends it: what is half made is removed, its reason thrown. */
  signal: AbortSignal;
}

/** Told as it goes; things are blobs. */
export interface BlobProgress {
  expect(total: { items: number; bytes: number }): void;
  add(bytes: number): void;
  done(): void;
}

export interface BackupReport {
  /** Bytes. */
  snapshot: number | undefined;
  blobs: BlobsBackedUp | undefined;
}

/** Throws AppErrors that say what to do. May be run again: blobs that are there aren't copied again. */
export async function backUp(
  config: Config,
  order: BackupOrder,
  progress: BlobProgress,
): Promise<BackupReport> {
  const { snapshot, blobs } = order;
  if (keptInPostgres(config)) {
    if (snapshot !== undefined) await refusePostgres(config, "backup", placeText(snapshot));
    return { snapshot: undefined, blobs: await blobsOfPostgres(config, order, progress) };
  }
  if (snapshot === undefined)
    throw new AppError("unsupported", "say where the snapshot goes: berth backup FILE --blobs PLACE");
  const database = databasePath(config);
  if (!(await hasReadable(database)))
    throw new AppError(
      "storage-failed",
      `there is no database ${database}: name the data folder with --data`,
    );
  refuseDataFolder(config, snapshot);
  refuseStore(config, snapshot);
  const put = await snapshotTarget(config, order, snapshot);
  if (blobs === undefined) {
    await using draft = await draftIn(put.folder);
    await snapshotInto(draft, database, order.signal);
    return { snapshot: await put.finish(draft), blobs: undefined };
  }
  await using held = await holdMeanwhile(config);
  await using draft = await draftIn(put.folder);
  await snapshotInto(draft, database, order.signal);
  const copied = await blobsOfSnapshot(config, order, draft.path, held, progress);
  // Last, so that a snapshot that has its name has its blobs, too.
  return { snapshot: await put.finish(draft), blobs: copied };
}

/** A statement that runs can't be ended, only left alone: then it fills a file without a name. */
async function snapshotInto({ path }: DraftFile, database: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason as Error);
  signal.addEventListener("abort", end);
  try {
    await Promise.race([takeSnapshot(database, path), ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Where a draft is made, and how it gets its name. */
interface SnapshotTarget {
  folder: string;
  /** Bytes of the snapshot, which is durable there. */
  finish(draft: DraftFile): Promise<number>;
}

async function snapshotTarget(
  config: Config,
  order: BackupOrder,
  place: BackupPlace,
): Promise<SnapshotTarget> {
  const taken = () =>
    new AppError(
      "storage-failed",
      `${placeText(place)} is there: name another one, or replace it with --force`,
    );
  if (place.kind === "file") {
    const { path } = place;
    await refuseOdd(path);
    if (existsSync(path) && !order.force) throw taken();
    return {
      folder: dirname(path),
      async finish(draft) {
        const { size } = await stat(draft.path);
        await draft.publish(path, order.force).catch((error: unknown) => {
          throw (error as NodeJS.ErrnoException).code === "EEXIST"
            ? taken()
            : folderError(error, dirname(path));
        });
        return size;
      },
    };
  }
  const { bucket, objects } = await openPlaceBucket(config, place.bucket, order.access);
  const what = "The snapshot could not be stored";
  if (!order.force && (await bucket.head(what, place.key)) !== undefined) throw taken();
  return {
    // On the operator's own disk: /tmp may be memory.
    folder: config.data,
    async finish(draft) {
      const bytes = createReadStream(draft.path, { signal: order.signal });
      await objects.put(what, place.key, bytes as AsyncIterable<Uint8Array>);
      return (await stat(draft.path)).size;
    },
  };
}

/** A snapshot replaces only what may have been one: no folder, device, pipe or link. */
async function refuseOdd(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  const why = found.isDirectory()
    ? `is a folder: name a file in it, such as ${join(path, "berth.db")}`
    : found.isSymbolicLink()
      ? "is a symbolic link: name the file that it leads to"
      : "is no plain file: name another one";
  throw new AppError("storage-failed", `${path} ${why}`);
}

async function draftIn(folder: string): Promise<DraftFile> {
  return await createDraft(folder).catch((error: unknown) => {
    throw folderError(error, folder);
  });
}

function folderError(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  const why: Record<string, string> = {
    ENOENT: "there is no such folder: make it",
    ENOTDIR: "it is no folder",
    EISDIR: "a folder has that name",
    EACCES: "this user may not write there",
    EROFS: "it is read-only",
    ENOSPC: "its disk is full: free some space there",
  };
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new AppError(full ? "storage-full" : "storage-failed", `${folder}: ${why[code] ?? code}`, {
    cause: error,
  });
}

/** The data folder holds what servers expect there, and nothing else. */
function refuseDataFolder(config: Config, place: BackupPlace): void {
  if (place.kind !== "file" || realPath(dirname(place.path)) !== realPath(config.data)) return;
  throw new AppError("storage-failed", `${place.path} is in the data folder itself: name a file elsewhere`);
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

interface Meanwhile extends AsyncDisposable {
  readonly signal: AbortSignal;
  /** What is recorded of a blob now. */
  now(digest: Digest): Promise<BlobFacts | undefined>;
}

/** Nobody collects blobs while this is held: a lease next to a server, the folder's lock without one. */
async function holdMeanwhile(config: Config): Promise<Meanwhile> {
  const { lock } = await reachFolder(config);
  if (lock !== undefined)
    return {
      signal: new AbortController().signal,
      now: async () => undefined,
      [Symbol.asyncDispose]: async () => lock[Symbol.dispose](),
    };
  await using parts = new AsyncDisposableStack();
  const { leases, repositories } = parts.use(await openOperatorMetadata(config));
  const { signal } = parts.use(await holdBackupLease(leases));
  const held = parts.move();
  return {
    signal,
    now: (digest) => repositories.recordedBlob(digest),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function blobsOfSnapshot(
  config: Config,
  order: BackupOrder,
  path: string,
  { signal: lost, now }: Meanwhile,
  progress: BlobProgress,
): Promise<BlobsBackedUp> {
  using snapshot = openSnapshot(path);
  progress.expect(snapshot.count());
  const named = recordedBlobs({ recordedBlobs: async (page) => snapshot.blobs(page) });
  const signal = AbortSignal.any([lost, order.signal]);
  return await copyBlobs(config, order, signal, progress, { named, now });
}

/** The dump was made before, by pg_dump: what it names is among what is recorded now. */
async function blobsOfPostgres(
  config: Config,
  order: BackupOrder,
  progress: BlobProgress,
): Promise<BlobsBackedUp> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined) throw new Error("no metadata");
  const { repositories, leases, blobFolder } = metadata;
  await using held = await holdBackupLease(leases);
  const signal = AbortSignal.any([held.signal, order.signal]);
  return await copyBlobs(config, order, signal, progress, {
    named: soundBlobs(repositories),
    now: (digest) => repositories.recordedBlob(digest),
    folder: { id: () => blobFolder.id() },
  });
}

interface NamedBlobs {
  named: AsyncIterable<BlobFacts>;
  now(digest: Digest): Promise<BlobFacts | undefined>;
  /** Where several machines may have different ones. */
  folder?: KnownFolder;
}

async function copyBlobs(
  config: Config,
  { blobs: place, access, verify }: BackupOrder,
  signal: AbortSignal,
  progress: BlobProgress,
  named: NamedBlobs,
): Promise<BlobsBackedUp> {
  if (place === undefined)
    throw new AppError("unsupported", "say where the blobs go: berth backup --blobs PLACE");
  const copies = await openCopies(config, place, access);
  const store = await openStore(config, named.folder);
  const { path } = config.storage.disk;
  const fileOf = (location: BlobFacts["location"]) => blobFile(path, location);
  return await backUpBlobs({ ...named, store, copies, fileOf, verify, progress, signal });
}
