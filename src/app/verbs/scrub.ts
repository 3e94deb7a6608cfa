/** `berth scrub`: reads all that is stored again, next to a running server or without one. */
import pino from "pino";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { cachedName, publicName } from "#core/cached-name.ts";
import { fixed } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { scrubLease } from "#core/metadata/lease-names.ts";
import { createPace } from "#maintenance/scrub/pace.ts";
import { scrub, type ScrubOrder } from "#maintenance/scrub/scrub.ts";
import type { ScrubParts } from "#maintenance/scrub/scrub-parts.ts";
import type { ScrubReport } from "#maintenance/scrub/scrub-report.ts";
import { underLease } from "#maintenance/under-lease.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { BlobProgress } from "./backup.ts";
import { openStore } from "../open/open-store.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";
import { databasePath, hasReadable } from "../open/storage.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import { createScrubTeller } from "../house/scrub-teller.ts";
import { openUpstreamClients } from "../upstreams/upstream-clients.ts";
import { upstreamContent } from "../upstreams/upstream-content.ts";

export interface ScrubCommand {
  /** Undefined: everything. */
  repositories: readonly RepositoryName[] | undefined;
  /** Only sizes of blobs. */
  quick: boolean;
  /** Set right what can be; else only look. */
  repair: boolean;
  signal: AbortSignal;
}

/** Blobs read at the same time. */
const parallel = 4;

/** Throws AppErrors that say what to do. Things told are blobs and manifests. */
export async function scrubRegistry(
  config: Config,
  command: ScrubCommand,
  progress: BlobProgress,
): Promise<ScrubReport> {
  if (!keptInPostgres(config) && !(await hasReadable(databasePath(config))))
    throw new AppError(
      "storage-failed",
      `there is no database ${databasePath(config)}: name the data folder with --data, or bring it back with ` +
        "berth rebuild",
    );
  const { disk, stores } = config.storage;
  if (command.repair && stores.includes("disk")) await checkOwnerOfBlobs(disk.path, "berth scrub");
  await using metadata = await openOperatorMetadata(config);
  const what = "the registry is being scrubbed";
  const lease = { leases: metadata.leases, name: scrubLease, what, signal: command.signal };
  return await underLease(lease, async (signal) => {
    await using clients = await openUpstreamClients(
      fixed(config),
      1,
      pino({ enabled: false }),
      () => undefined,
    );
    return await scrubNow(config, metadata, { ...command, signal }, progress, {
      upstream: upstreamContent(clients, fixed(config)),
    });
  });
}

/** Whoever asks has seen to it that nobody else does. */
export async function scrubNow(
  config: Config,
  metadata: Metadata,
  { repositories, quick, repair, signal }: ScrubCommand,
  progress: BlobProgress,
  { upstream }: Pick<ScrubParts, "upstream">,
): Promise<ScrubReport> {
  const { blobFolder, garbage, housekeeping, factChecks: checks, cached } = metadata;
  const store = await openStore(config, { id: () => blobFolder.id() });
  const named = repositories && (await placesOf(metadata, repositories));
  if (named === undefined) {
    const { blobs, manifests } = await metadata.repositories.count();
    progress.expect({ items: blobs + manifests, bytes: 0 });
  }
  const clock = () => metadata.now();
  const parts: ScrubParts = {
    repositories: metadata.repositories,
    checks,
    cached,
    housekeeping,
    store,
    known: (beginnings) => garbage.knownBeginnings(beginnings),
    upstream,
    pace: createPace(() => undefined),
    clock,
    quick,
    countedLinks: Infinity,
    repair,
    signal,
    progress,
  };
  const whole = named === undefined && !quick && repair;
  const teller = createScrubTeller(housekeeping, clock, whole ? clock() : undefined);
  const order: ScrubOrder = {
    repositories: named,
    from: undefined,
    parallel,
    owners: true,
    tell: (position, report) => teller.tell(position, report),
  };
  try {
    const report = await scrub(parts, order);
    await teller.end(report, undefined);
    return report;
  } catch (error) {
    await teller.end(undefined, error).catch(() => undefined);
    throw error;
  }
}

/** Where content of these names is: hosted, of an upstream, or both. */
async function placesOf(
  { repositories }: Pick<Metadata, "repositories">,
  names: readonly RepositoryName[],
): Promise<RepositoryName[]> {
  const places: RepositoryName[] = [];
  for (const name of names) {
    const before = places.length;
    for (const place of new Set([name, cachedName(publicName(name))]))
      if (await repositories.exists(place)) places.push(place);
    if (places.length === before) throw new AppError("repository-unknown", `there is no repository ${name}`);
  }
  return places;
}
