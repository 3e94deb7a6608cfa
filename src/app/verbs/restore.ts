/**
 * `berth restore`: a snapshot becomes the database of a data folder that no server has. Flow: copy in the data
 * folder → checked, what passes is dropped → its blobs are brought or looked for → its name. Until then the
 * folder's database is as it was; what was broken off goes on when it is run again with the same snapshot.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createAdoption } from "#adapters/disk/adopt.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { hasDatabase, install, setAside } from "#adapters/sqlite/snapshot/replace-database.ts";
import { hasLogBeside, prepareRestored } from "#adapters/sqlite/snapshot/snapshot.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createDraft } from "#kit/draft-file.ts";
import type { ImportStore } from "#maintenance/importing/import-parts.ts";
import { restoreBlobs, type BlobsRestored } from "#maintenance/backup/restore-blobs.ts";
import type { BlobProgress } from "./backup.ts";
import {
  type BackupPlace,
  type BucketAccess,
  openCopies,
  openPlaceBucket,
  placeText,
} from "./backup-places.ts";
import { beforeFolder } from "../open/made-here.ts";
import { keptInPostgres, openMetadataAsItIs } from "../open/open-metadata.ts";
import { openStore, owns } from "../open/open-store.ts";
import { refusePostgres } from "./postgres-backup.ts";
import { reachFolder } from "../open/reach-folder.ts";
import { databasePath, migrationsFolder } from "../open/storage.ts";
import { runningServers } from "../servers/stores-agree.ts";

export interface RestoreOrder {
  /** Undefined: only blobs, after PostgreSQL's own tool. */
  snapshot: BackupPlace | undefined;
  /** Undefined: the blobs must be where the snapshot says. */
  blobs: BackupPlace | undefined;
  /** Set aside a database that is there. */
  force: boolean;
  access: BucketAccess;
}

export interface RestoreReport {
  blobs: BlobsRestored;
  /** The database that was there, by its name now. */
  aside: string | undefined;
}

const partial = /^restore-[0-9a-f]{32}\.db(-wal|-shm|-journal)?$/;

/** Throws AppErrors that say what to do; then the database of the folder is as it was. */
export async function restore(
  config: Config,
  order: RestoreOrder,
  progress: BlobProgress,
): Promise<RestoreReport> {
  const { snapshot } = order;
  if (keptInPostgres(config)) {
    if (snapshot !== undefined) await refusePostgres(config, "restore", placeText(snapshot));
    await using metadata = await openMetadataAsItIs(config);
    if (metadata === undefined) throw new Error("no metadata");
    await refuseServed(metadata);
    return { blobs: await bringBlobs(config, order, metadata, progress), aside: undefined };
  }
  if (snapshot === undefined)
    throw new AppError("unsupported", "say which snapshot: berth restore FILE [--blobs PLACE]");
  const before = beforeFolder(config);
  const { lock } = await reachFolder(config);
  if (lock === undefined)
    throw new AppError(
      "unavailable",
      `a server has the data folder ${config.data}: stop it first, then restore, then start it again`,
    );
  using _ = lock;
  try {
    return await restoreInto(config, order, snapshot, progress);
  } catch (error) {
    await before.remove(lock);
    throw error;
  }
}

/** The folder is this process's own. */
async function restoreInto(
  config: Config,
  order: RestoreOrder,
  snapshot: BackupPlace,
  progress: BlobProgress,
): Promise<RestoreReport> {
  const database = databasePath(config);
  if (!order.force && (await hasDatabase(database)))
    throw new AppError(
      "storage-failed",
      `there is a database ${database}: with --force it is set aside under another name`,
    );
  const file = await fetched(config, order, snapshot);
  try {
    prepareRestored(file, placeText(snapshot), migrationsFolder, Date.now());
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  const blobs = await blobsOf(config, order, file, progress);
  let aside: string | undefined;
  if (await hasDatabase(database)) {
    aside = `${database}.before-restore-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
    await setAside(database, aside);
  }
  await install(file, database);
  for (const name of await readdir(config.data))
    if (partial.test(name)) await rm(join(config.data, name), { force: true });
  return { blobs, aside };
}

/** Where this machine has other places for blobs than the servers, they would find none of what is brought here. */
async function refuseServed(metadata: Metadata): Promise<void> {
  const names = (await runningServers(metadata, "berth restore")).map(({ name }) => name);
  if (names.length === 0) return;
  throw new AppError(
    "unavailable",
    `${names.join(", ")}: stop every server on this database first (one that was killed counts for a minute)`,
  );
}

/**
 * The snapshot as a file of the data folder, named by its content: so one that a restore which was broken off
 * has begun to change is found again by the same snapshot, and only by it.
 */
async function fetched(config: Config, { access }: RestoreOrder, place: BackupPlace): Promise<string> {
  await using draft = await createDraft(config.data);
  const hash = createHash("sha256");
  const source = await snapshotBytes(config, access, place);
  try {
    await pipeline(
      source,
      async function* (bytes: AsyncIterable<Uint8Array>) {
        for await (const chunk of bytes) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(draft.path, { flags: "r+" }),
    );
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    if (error instanceof AppError) throw error;
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new AppError("storage-full", `the disk of ${config.data} is full: free some space there`, {
        cause: error,
      });
    throw new AppError("storage-failed", `${placeText(place)} can't be read (${code})`, { cause: error });
  }
  const file = join(config.data, `restore-${hash.digest("hex").slice(0, 32)}.db`);
  if (!existsSync(file)) await rename(draft.path, file);
  return file;
}

async function snapshotBytes(config: Config, access: BucketAccess, place: BackupPlace): Promise<Readable> {
  if (place.kind === "file") {
    if (hasLogBeside(place.path))
      throw new AppError(
        "storage-failed",
        `${place.path} has a log beside it (-wal), so it is a database in use and no snapshot: make one with berth backup`,
      );
    return createReadStream(place.path);
  }
  const { objects } = await openPlaceBucket(config, place.bucket, access);
  const found = await objects.get("The snapshot could not be read", place.key);
  if (found === undefined) throw new AppError("storage-failed", `there is no ${placeText(place)}`);
  return found;
}

/** On the copy, so that what is brought is known to it when it becomes the database. */
async function blobsOf(
  config: Config,
  order: RestoreOrder,
  file: string,
  progress: BlobProgress,
): Promise<BlobsRestored> {
  await using metadata = await openSqliteMetadata({ path: file, migrationsDir: migrationsFolder });
  return await bringBlobs(config, order, metadata, progress);
}

async function bringBlobs(
  config: Config,
  { blobs: place, access }: RestoreOrder,
  { repositories, blobFolder }: Metadata,
  progress: BlobProgress,
): Promise<BlobsRestored> {
  const copies = place === undefined ? undefined : await openCopies(config, place, access);
  const { stores, disk } = config.storage;
  const store: ImportStore = await openStore(config, blobFolder);
  if (stores[0] === "disk")
    store.adopt = createAdoption({
      path: disk.path,
      groupReads: disk.x_accel_redirect !== undefined,
      // A clone shares nothing that could be damaged by a write; a second name is the same file.
      ways: ["clone", "link"],
    });
  progress.expect({ items: (await repositories.count()).blobs, bytes: 0 });
  const reaches = (location: Parameters<(typeof owns)["disk"]>[0]) =>
    stores.some((kind) => owns[kind](location));
  return await restoreBlobs({ repositories, store, reaches, copies, progress });
}
