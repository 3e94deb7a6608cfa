/** Taking over a registry that CNCF Distribution wrote: source, metadata and store put together. */
import { createAdoption } from "#adapters/disk/adopt.ts";
import type { Config } from "#config/config.ts";
import type { AuditActor } from "#core/audit.ts";
import type { BlobFolder } from "#core/metadata/blob-folder.ts";
import { importLeases } from "#core/metadata/lease-names.ts";
import type {
  ImportInto,
  ImportOptions,
  ImportParts,
  ImportProgress,
  ImportStore,
} from "#maintenance/importing/import-parts.ts";
import type { ImportReport } from "#maintenance/importing/import-report.ts";
import { importRegistry } from "#maintenance/importing/import-registry.ts";
import { keepsAudit } from "../audit/keeps-audit.ts";
import { keptInPostgres, openWorkerMetadata } from "../open/open-metadata.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { openStore } from "../open/open-store.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";
import { holdLease } from "./hold-lease.ts";
import { openDistribution, type BucketAccess } from "./source-of.ts";
import { databasePath, hasReadable } from "../open/storage.ts";

export interface DistributionImport extends ImportOptions {
  /** An absolute folder, or s3://BUCKET/PREFIX. */
  from: string;
  access: BucketAccess;
  /** Only say what would be done. */
  dryRun: boolean;
  /** Files of the source become blobs by a second name, where that goes. */
  link: boolean;
  progress: ImportProgress;
}

const operator: AuditActor = {
  actorId: undefined,
  actor: "operator",
  kind: "operator",
  address: "",
  request: "",
  rule: "berth import",
};

/** ms. One that nothing names is written down once in so long. */
const touchedAgainAfter = 60_000;

/** Throws what keeps it from going on; what was done until then stays, and another run goes on from there. */
export async function importDistribution(config: Config, wanted: DistributionImport): Promise<ImportReport> {
  // First, because a place that holds no registry is the likeliest mistake.
  using source = await openDistribution(wanted.from, wanted.access);
  const run = (facts: ImportParts["facts"], into: ImportInto | undefined) =>
    importRegistry(
      {
        source,
        facts,
        into,
        manifestLimit: config.limits.manifest_size,
        clock: Date.now,
        by: keepsAudit(config) ? operator : undefined,
        progress: wanted.progress,
      },
      wanted,
    );
  if (wanted.dryRun) return await looked(config, (facts) => run(facts, undefined));
  await using metadata = await openOperatorMetadata(config);
  const { repositories, blobFolder, garbage, leases } = metadata;
  await using _held = await holdLease(leases, importLeases);
  return await run(repositories, {
    repositories,
    store: await storeFor(config, blobFolder, wanted.link),
    touch: (repository, digest) =>
      garbage.touch(repository, "blob", digest, metadata.now(), touchedAgainAfter),
  });
}

async function storeFor(config: Config, folder: BlobFolder, link: boolean): Promise<ImportStore> {
  const disk = config.storage.disk;
  if (config.storage.stores[0] !== "disk") return openStore(config, folder);
  await checkOwnerOfBlobs(disk.path, "berth import");
  const store = await openStore(config, folder);
  const groupReads = disk.x_accel_redirect !== undefined;
  const adopt = createAdoption({ path: disk.path, groupReads, ways: link ? ["link", "clone"] : ["clone"] });
  return { ...store, adopt };
}

/** Metadata for looking only: nothing is made, brought up to date or locked. */
async function looked<T>(config: Config, work: (facts: ImportParts["facts"]) => Promise<T>): Promise<T> {
  if (!keptInPostgres(config) && !(await hasReadable(databasePath(config)))) return await work(nothingYet);
  const refuse = () => Promise.reject(new Error("a dry run writes nothing"));
  await using metadata = await openWorkerMetadata(config, refuse);
  return await work(metadata.repositories);
}

const nothingYet: ImportParts["facts"] = {
  anyBlob: () => Promise.resolve(undefined),
  blob: () => Promise.resolve(undefined),
  manifestFacts: () => Promise.resolve(undefined),
  manifest: () => Promise.resolve(undefined),
};
