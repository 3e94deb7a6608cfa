/** Moving blobs between disk and S3: metadata, both stores, and one run at a time put together. */
import type { Config, StoreKind } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { moveBlobs, surveyBlobs, type Moved, type MoveWatch } from "#maintenance/moving/move-blobs.ts";
import { underLease } from "#maintenance/under-lease.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";
import { openStoreOf, owns } from "../open/open-store.ts";
import { openOperatorMetadata, type OperatorMetadata } from "../open/operator-metadata.ts";
import { serversOfOtherStores } from "../servers/stores-agree.ts";

export interface Migration {
  from: StoreKind;
  to: StoreKind;
  parallel: number;
  /** Only say how much there is to move. */
  dryRun: boolean;
  /** Remove each old copy when readers had so many ms to come to their end; undefined: they stay. */
  removeAfter: number | undefined;
  signal: AbortSignal;
  /** Told that `removeAfter` is too short, and what it is instead, ms. */
  raised(grace: number): void;
  /** Told how much there is, before it begins. */
  found(survey: Survey): void;
  watch: MoveWatch;
}

export type Survey = Awaited<ReturnType<typeof surveyBlobs>>;

export interface Migrated extends Moved {
  survey: Survey;
  /** Whether a server had the data folder; undefined: nobody knows (metadata is in PostgreSQL). */
  served: boolean | undefined;
  /** Blobs that came to the old place while this run went on, and weren't moved. */
  left: number;
  /** Uploads that began there and will end there. */
  unfinished: number;
}

const nothing: Moved = { blobs: 0, bytes: 0, skipped: 0, damaged: [], notRemoved: 0, stopped: false };

/** How long old copies are of use to somebody at the least, ms: signed links to a bucket that were given out work on. */
function leastGrace({ storage: { s3 } }: Config, from: StoreKind): number {
  return from === "s3" && s3?.redirect.enabled === true ? s3.redirect.expiry + 10_000 : 0;
}

/** Where no server runs, nobody is reading. */
function graceOf(config: Config, { from, removeAfter = 0 }: Migration, served: boolean | undefined): number {
  return Math.max(leastGrace(config, from), served === false ? 0 : removeAfter);
}

/** Throws what keeps it from going on; what was moved until then stays so, and another run goes on from there. */
export async function migrateStorage(config: Config, wanted: Migration): Promise<Migrated> {
  const { from, to, signal } = wanted;
  const { s3 } = config.storage;
  if (s3 === undefined)
    throw refusal("the configuration has no section storage.s3, which says where the bucket is");
  await using metadata = await openOperatorMetadata(config);
  const { repositories, leases, blobFolder, served } = metadata;
  if (wanted.dryRun)
    return {
      ...nothing,
      served,
      survey: await surveyBlobs(repositories, { owns: owns[from] }),
      left: 0,
      unfinished: 0,
    };
  await checkServers(config, metadata, from, to);
  await checkOwnerOfBlobs(config.storage.disk.path, "berth storage migrate");
  const lease = { leases, name: "storage-migrate", what: "blobs are being moved", signal };
  const { removeAfter } = wanted;
  const grace = removeAfter === undefined ? undefined : graceOf(config, wanted, served);
  if (grace !== undefined && removeAfter !== undefined && grace > removeAfter) wanted.raised(grace);
  return await underLease(lease, async (signal) => {
    const stores = [openStoreOf(config, from, blobFolder), openStoreOf(config, to, blobFolder)] as const;
    const [source, target] = await Promise.all(stores);
    const survey = await surveyBlobs(repositories, { owns: owns[from] });
    wanted.found(survey);
    const moved = await moveBlobs({
      repositories,
      leases,
      from: { store: source, owns: owns[from] },
      to: { store: target, owns: owns[to] },
      parallel: wanted.parallel,
      removeAfter: grace,
      signal,
      watch: wanted.watch,
    });
    if (moved.stopped) return { ...moved, served, survey, left: 0, unfinished: 0 };
    // In this order: an upload that ends in between is a blob that the second look finds.
    const unfinished = await countUnfinished(source, metadata);
    const { blobs } = await surveyBlobs(repositories, { owns: owns[from] });
    return { ...moved, served, survey, left: Math.max(0, blobs - moved.damaged.length), unfinished };
  });
}

/** Uploads go on where their first bytes are, so each of these becomes a blob at the old place. */
async function countUnfinished(source: BlobStore, { uploads }: OperatorMetadata): Promise<number> {
  let count = 0;
  for await (const handle of source.staleUploads(Infinity)) if (await uploads.knows(handle)) count++;
  return count;
}

/** A server that doesn't know the new place couldn't serve what was moved there. */
async function checkServers(
  config: Config,
  metadata: OperatorMetadata,
  from: StoreKind,
  to: StoreKind,
): Promise<void> {
  // Alone with the data folder, nobody is served meanwhile.
  if (metadata.served === false) return;
  const lines = `  storage:\n    stores: [${to}, ${from}]`;
  const [first, second] = config.storage.stores;
  if (first !== to || second !== from)
    throw refusal(
      `servers must put new blobs into ${to} and still read ${from} while blobs are moved. ` +
        `Write into the configuration\n${lines}\nrestart each server with it, then run this again`,
    );
  const others = await serversOfOtherStores(config, metadata);
  if (others.length > 0)
    throw refusal(
      `${others.join(", ")}: runs with another storage section than this configuration. ` +
        `Restart it with\n${lines}\nthen run this again`,
    );
}

function refusal(message: string): AppError {
  return new AppError("unavailable", message);
}
