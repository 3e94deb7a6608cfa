/**
 * `berth rebuild`: a registry whose database is lost gets the newest snapshot that lies beside its blobs, and then
 * metadata and blobs are made to agree. Flow: snapshot from the shelf as a file of the data folder → checked, brought
 * up to date → the store is looked through → what is there is verified → its name. Until then nothing is changed.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { isBare } from "#adapters/sqlite/snapshot/is-bare.ts";
import { hasDatabase, install, setAside } from "#adapters/sqlite/snapshot/replace-database.ts";
import { prepareRestored } from "#adapters/sqlite/snapshot/snapshot.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { MetadataShelf, ShelvedSnapshot } from "#core/metadata-shelf.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { rebuildBlobs, type BlobsRebuilt } from "#maintenance/rebuild/rebuild-blobs.ts";
import { verify } from "#maintenance/verify/verify.ts";
import type { VerifyReport } from "#maintenance/verify/verify-report.ts";
import type { BlobProgress } from "./backup.ts";
import { missingReferencesRule } from "../missing-references-rule.ts";
import { beforeFolder } from "../open/made-here.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import { openMetadataShelf } from "../open/open-metadata-shelf.ts";
import { openStore } from "../open/open-store.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";
import { reachFolder } from "../open/reach-folder.ts";
import { databasePath, migrationsFolder } from "../open/storage.ts";

export interface RebuildOrder {
  /** Undefined: the newest that can be used. */
  snapshot: string | undefined;
  /** Set aside a database that is there. */
  force: boolean;
  signal: AbortSignal;
  /** Told which snapshot it will be, before anything is done; false: the person doesn't want it. */
  agree(snapshot: ShelvedSnapshot | undefined): Promise<boolean>;
}

export interface RebuildReport {
  /** Undefined: there was none, and only blobs are known. */
  snapshot: { name: string; takenAt: number } | undefined;
  /** Newer snapshots that can't be used. */
  skipped: { name: string; why: string }[];
  /** The database that was there, by its name now. */
  aside: string | undefined;
  blobs: BlobsRebuilt;
  verified: VerifyReport;
}

const leftover = /^rebuild-[0-9]+\.db(\.gz|-wal|-shm|-journal)?$/;

export async function listShelf(config: Config): Promise<ShelvedSnapshot[]> {
  refusePostgres(config);
  return await (await openMetadataShelf(config)).list();
}

/** Undefined: the person didn't want it. Throws AppErrors that say what to do; then the folder is as it was. */
export async function rebuild(
  config: Config,
  order: RebuildOrder,
  progress: BlobProgress,
): Promise<RebuildReport | undefined> {
  refusePostgres(config);
  const { disk, stores } = config.storage;
  if (stores.includes("disk")) await checkOwnerOfBlobs(disk.path, "berth rebuild");
  const before = beforeFolder(config);
  const { lock } = await reachFolder(config);
  if (lock === undefined)
    throw new AppError(
      "unavailable",
      `a server has the data folder ${config.data}: stop it first, then rebuild, then start it again`,
    );
  using _ = lock;
  try {
    await removeLeftovers(config);
    const report = await rebuildIn(config, order, progress);
    if (report === undefined) await before.remove(lock);
    return report;
  } catch (error) {
    await removeLeftovers(config).catch(() => undefined);
    await before.remove(lock);
    throw error;
  }
}

function refusePostgres(config: Config): void {
  if (!keptInPostgres(config)) return;
  throw new AppError(
    "unsupported",
    "the metadata is in PostgreSQL: bring the database back with its own tools (pg_restore, point-in-time recovery), " +
      "then say berth scrub --quick, which finds the blobs that are missing",
  );
}

/** The folder is this process's own. */
async function rebuildIn(
  config: Config,
  order: RebuildOrder,
  progress: BlobProgress,
): Promise<RebuildReport | undefined> {
  const database = databasePath(config);
  const isThere = await hasDatabase(database);
  if (isThere && !order.force && isBare(database) !== true)
    throw new AppError(
      "storage-failed",
      `there is a database ${database}: with --force it is set aside under another name`,
    );
  const shelf = await openMetadataShelf(config);
  const candidates = await candidatesOf(shelf, order.snapshot);
  if (!(await order.agree(candidates[0]))) return undefined;
  const file = join(config.data, `rebuild-${process.pid}.db`);
  const skipped: RebuildReport["skipped"] = [];
  const used = await firstUsable(shelf, candidates, file, order, skipped);
  const { blobs, verified } = await settleStore(config, file, order.signal, progress);
  order.signal.throwIfAborted();
  let aside: string | undefined;
  if (isThere) {
    aside = `${database}.before-rebuild-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
    await setAside(database, aside);
  }
  await install(file, database);
  const snapshot = used && { name: used.name, takenAt: snapshotTime(used.name) ?? 0 };
  return { snapshot, skipped, aside, blobs, verified };
}

/** Newest first. */
async function candidatesOf(shelf: MetadataShelf, name: string | undefined): Promise<ShelvedSnapshot[]> {
  const found = (await shelf.list()).reverse();
  if (name === undefined) return found;
  const named = found.filter((one) => one.name === name);
  if (named.length > 0) return named;
  const there = found.length === 0 ? "there is none" : `there is ${found.map((one) => one.name).join(", ")}`;
  throw new AppError("storage-failed", `there is no snapshot ${name} beside the blobs; ${there}`);
}

/** A snapshot as a database at `file`, up to date or older. Where one can't be used the next older one is tried. */
async function firstUsable(
  shelf: MetadataShelf,
  candidates: readonly ShelvedSnapshot[],
  file: string,
  { snapshot: named, signal }: RebuildOrder,
  skipped: RebuildReport["skipped"],
): Promise<ShelvedSnapshot | undefined> {
  for (const candidate of candidates) {
    try {
      await rm(`${file}.gz`, { force: true });
      await shelf.fetch(candidate.name, `${file}.gz`, signal);
      await unpack(candidate.name, `${file}.gz`, file, signal);
      prepareRestored(file, candidate.name, migrationsFolder, Date.now());
      return candidate;
    } catch (error) {
      signal.throwIfAborted();
      await rm(file, { force: true });
      if (named !== undefined || !(error instanceof AppError) || error.code !== "storage-failed") throw error;
      skipped.push({ name: candidate.name, why: error.message });
    } finally {
      await rm(`${file}.gz`, { force: true });
    }
  }
  if (candidates.length > 0)
    throw new AppError(
      "storage-failed",
      `none of the ${candidates.length} snapshots beside the blobs can be used: ${skipped[0]?.why ?? ""} ` +
        "Restore one from a backup (berth restore)",
    );
  return undefined;
}

async function unpack(name: string, from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(createReadStream(from), createGunzip(), createWriteStream(to, { mode: 0o600 }), {
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    const { code = "error" } = cause as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new AppError("storage-full", `the disk of ${to} is full: free some space there`, { cause });
    throw new AppError("storage-failed", `the snapshot ${name} is damaged (${code}).`, { cause });
  }
}

/** On the file, so that it is all known when it becomes the database. */
async function settleStore(
  config: Config,
  file: string,
  signal: AbortSignal,
  progress: BlobProgress,
): Promise<Pick<RebuildReport, "blobs" | "verified">> {
  await using metadata = await openSqliteMetadata({ path: file, migrationsDir: migrationsFolder });
  const { repositories, factChecks, garbage, housekeeping, blobFolder } = metadata;
  const store = await openStore(config, blobFolder);
  const recorded = (await repositories.count()).blobs;
  // What is stored is about as much as what is recorded.
  progress.expect({ items: 2 * recorded, bytes: 0 });
  const clock = () => metadata.now();
  const blobs = await rebuildBlobs({
    repositories,
    checks: factChecks,
    garbage,
    housekeeping,
    store,
    clock,
    signal,
    progress,
  });
  const mayLack = missingReferencesRule(config.policy.missing_references);
  const quiet = { add: () => undefined, done: () => undefined };
  const verified = await verify(
    { repositories, store, quick: true, mayLack, mark: undefined, progress: quiet },
    undefined,
  );
  return { blobs, verified };
}

async function removeLeftovers(config: Config): Promise<void> {
  for (const name of await readdir(config.data))
    if (leftover.test(name)) await rm(join(config.data, name), { force: true });
}
