import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { live } from "#core/live.ts";
import { gcLease } from "#core/metadata/lease-names.ts";
import type { GcReport, Tally } from "#maintenance/gc/gc-report.ts";
import { underLease } from "#maintenance/under-lease.ts";
import { diskReserve } from "../house/disk-reserve.ts";
import { openCollector } from "../open/open-collector.ts";
import { openStore } from "../open/open-store.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { checkOwnerOfBlobs } from "../open/owner-of-blobs.ts";

export interface CollectOrder {
  /** Only say what would go. */
  dryRun: boolean;
  /** Files that the metadata doesn't know, also where it knows fewer than those. */
  allStrays: boolean;
  /** Instead of gc.grace, ms. */
  grace: number | undefined;
  watch: (step: string, tally: Tally) => void;
  signal: AbortSignal;
}

export interface Collected extends GcReport {
  /** Whether a server has the data folder, and removes what waits; undefined: nobody knows. */
  served: boolean | undefined;
}

/** `berth gc`, next to a running server or without one. Throws unavailable while another run goes on, and the signal's reason. */
export async function collectGarbage(
  config: Config,
  { dryRun, allStrays, grace = config.gc.grace, watch, signal }: CollectOrder,
): Promise<Collected> {
  await using metadata = await openOperatorMetadata(config);
  const { served, blobFolder, leases } = metadata;
  if (config.storage.stores.includes("disk") && !dryRun)
    await checkOwnerOfBlobs(config.storage.disk.path, "berth gc");
  // A dry run settles nothing about the folder.
  const store = await openStore(config, dryRun ? { id: () => blobFolder.id() } : blobFolder);
  const alone = served === false;
  // Without a server nobody reads but who was sent to the bucket.
  const wait = alone && config.storage.s3?.redirect.enabled !== true ? 0 : undefined;
  const rules = live({ ...config, gc: { ...config.gc, grace } });
  const collector = openCollector({ config: rules, metadata, store, wait, alone });
  const run = (held: AbortSignal, failed: (error: unknown) => void = () => undefined) =>
    collector.run({ dryRun, strays: true, allStrays, watch, failed: (_step, error) => failed(error) }, held);
  if (dryRun) return { ...(await run(signal)), served };
  const lease = { leases, name: gcLease, what: "garbage is being collected by a server or", signal };
  let full = false;
  const isFull = (error: unknown) => error instanceof AppError && error.code === "storage-full";
  const once = () => underLease(lease, (held) => run(held, (error) => (full ||= isFull(error))));
  const first = await once().catch((error: unknown) => {
    if (!isFull(error)) throw error;
    full = true;
    return undefined;
  });
  // So full that nothing can be written: with the room that a server keeps for that.
  const again = full && (await diskReserve(config.data).release());
  return { ...(first === undefined || again ? await once() : first), served };
}
