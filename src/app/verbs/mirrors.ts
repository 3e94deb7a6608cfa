/** `berth mirror`: what is kept warm, next to a running server or without one. */
import pino from "pino";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { live } from "#core/live.ts";
import type { Mirror } from "#core/metadata/cached-content.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { mirrorName, type NoMirrorName } from "#pull-through/mirror-name.ts";
import { emptyReport, type MirrorProgress, type MirrorReport } from "#pull-through/mirror.ts";
import { syncUnderLease } from "../mirror-sync.ts";
import { openMetadataAsItIs } from "../open/open-metadata.ts";
import { openPullThroughBeside } from "../open/open-pull-through.ts";
import { openStore } from "../open/open-store.ts";
import { openOperatorMetadata, type OperatorMetadata } from "../open/operator-metadata.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";

/** A fetch that is under way at Ctrl-C may end for so long, ms. */
const settleFor = 500;

/** What somebody wants to be kept warm. */
export type NewMirror = Omit<Mirror, "syncedAt" | "fault">;

export interface SyncOrder {
  /** Undefined: all there are. */
  names: readonly RepositoryName[] | undefined;
  progress: MirrorProgress;
  signal: AbortSignal;
}

export interface MirrorAdded {
  mirror: Mirror;
  /** There was one of that name before, and this one took its place. */
  replaced: boolean;
  /** Whether a server has the data folder, and so will sync it; undefined: nobody knows. */
  served: boolean | undefined;
}

/** The public name of an upstream's repository, also from docker's short forms. */
export function nameMirror(config: Config, text: string): { name: RepositoryName } | NoMirrorName {
  return mirrorName(text, config.upstreams);
}

export async function listMirrors(config: Config): Promise<Mirror[]> {
  await using metadata = await openMetadataAsItIs(config);
  return metadata === undefined ? [] : await metadata.cached.mirrors();
}

/** One of the same name is replaced, and begins anew unless nothing of it changes. */
export async function addMirror(config: Config, wanted: NewMirror): Promise<MirrorAdded> {
  await using metadata = await openOperatorMetadata(config);
  const { cached, served } = metadata;
  const before = (await cached.mirrors()).find(({ name }) => name === wanted.name);
  const mirror: Mirror = { ...wanted, syncedAt: undefined, fault: undefined };
  const same = before !== undefined && isSame(before, wanted);
  if (!same) await cached.putMirror(mirror);
  return { mirror: same ? before : mirror, replaced: before !== undefined, served };
}

function isSame(mirror: Mirror, wanted: NewMirror): boolean {
  return (Object.keys(wanted) as (keyof NewMirror)[]).every(
    (key) => JSON.stringify(mirror[key]) === JSON.stringify(wanted[key]),
  );
}

/** What came of it stays. Throws repository-unknown. */
export async function removeMirror(config: Config, name: RepositoryName): Promise<void> {
  await using metadata = await openOperatorMetadata(config);
  if (!(await metadata.cached.removeMirror(name))) throw noMirror(name, await metadata.cached.mirrors());
}

/** One round of each, one after the other. What fails is in the reports. Throws the signal's reason, repository-unknown. */
export async function syncMirrors(config: Config, order: SyncOrder): Promise<MirrorReport[]> {
  await using metadata = await openOperatorMetadata(config);
  const all = await metadata.cached.mirrors();
  const names = order.names ?? all.map(({ name }) => name);
  const unknown = names.find((name) => !all.some((mirror) => mirror.name === name));
  if (unknown !== undefined) throw noMirror(unknown, all);
  if (names.length === 0) return [];
  if (config.storage.stores[0] === "disk")
    await checkOwnerOfBlobs(config.storage.disk.path, "berth mirror sync");
  const store = await openStore(config, metadata.blobFolder);
  return await syncEach(config, metadata, store, names, order);
}

async function syncEach(
  config: Config,
  metadata: OperatorMetadata,
  store: BlobStore,
  names: readonly RepositoryName[],
  { progress, signal }: SyncOrder,
): Promise<MirrorReport[]> {
  const log = pino({ level: "silent" });
  const opening = { config: live(config), metadata, store, log, settleFor };
  await using filling = await openPullThroughBeside(opening);
  const parts = { fill: filling.fill, metadata, clock: () => metadata.now() };
  const reports: MirrorReport[] = [];
  for (const name of names) {
    try {
      const report = await syncUnderLease(parts, name, progress, signal);
      if (report !== undefined) reports.push(report);
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
      reports.push({ ...emptyReport(name), fault: error.message });
    }
  }
  return reports;
}

function noMirror(name: string, all: readonly Mirror[]): AppError {
  const there =
    all.length === 0
      ? "there is none yet: berth mirror add NAME"
      : `there are ${all.map(({ name }) => name).join(", ")}`;
  return new AppError("repository-unknown", `${name} is no mirror; ${there}`);
}
