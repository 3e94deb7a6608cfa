/**
 * Whether the places that a configuration names can be used: asked before the start, in the words of the start,
 * and everything that is wrong at once. Changes nothing; what it must write to know, it removes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { folderFault, storeFault } from "#adapters/disk/check-folder.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { fileChecks } from "./check-files.ts";
import { checkUpstream } from "./check-upstream.ts";
import { leftBlobs } from "../open/left-blobs.ts";
import { unmakeable } from "../open/makeable.ts";
import { bucketFaults } from "../open/open-bucket.ts";
import { openMetadataAsItIs, postgresUrl } from "../open/open-metadata.ts";
import { postgresMigrationsFolder } from "../open/storage.ts";

/** One thing that was found out. A place with several faults has one of these for each. */
export interface Check {
  /** `bucket registry`, `database`, `data folder /var/lib/berth` */
  name: string;
  ok: boolean;
  /** `can be used`, or what is wrong and what to grant or correct. */
  message: string;
  /** It is well configured, and Berth would start, but something isn't as it should be. */
  warning?: true;
}

/** ms for all. */
const patience = 20_000;

/** Asks all places at the same time; about 20 seconds at most. */
export async function checkPlaces(config: Config): Promise<Check[]> {
  const metadata = asItIs(config);
  try {
    return await checkAll(config, metadata);
  } finally {
    const opened = await metadata;
    if (typeof opened === "object") await opened[Symbol.asyncDispose]();
  }
}

async function checkAll(config: Config, metadata: Promise<Metadata | "none" | undefined>): Promise<Check[]> {
  const { disk, s3, stores } = config.storage;
  const all = [
    within(`data folder ${config.data}`, async () =>
      faults(
        (await folderFault(config.data)) ?? (await unmakeable(config.data)),
        "choose another with --data",
      ),
    ),
  ];
  if (stores.includes("disk"))
    all.push(
      within(`blobs folder ${disk.path}`, async () =>
        faults(
          (await storeFault(disk.path)) ?? (await unmakeable(disk.path)),
          "name another one as storage.disk.path",
        ),
      ),
    );
  if (s3 !== undefined)
    all.push(within(`bucket ${s3.bucket}`, async () => ({ faults: await bucketFaults(s3) })));
  all.push(database(config));
  for (const { name, look } of fileChecks(config, metadata))
    all.push(within(name, async () => ({ faults: await look() })));
  for (const upstream of config.upstreams)
    all.push(within(`upstream ${upstream.name}`, () => checkUpstream(upstream)));
  all.push(leftElsewhere(config, metadata));
  return (await Promise.all(all)).flat();
}

/** Metadata for questions; "none": the first start makes it; undefined: it can't be asked, which database() says. */
async function asItIs(config: Config): Promise<Metadata | "none" | undefined> {
  try {
    const metadata = await openMetadataAsItIs(config);
    if (metadata === undefined) return "none";
    return (await isEmpty(metadata)) ? "none" : metadata;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

/** Whether PostgreSQL has no table of ours yet. */
async function isEmpty(metadata: Metadata): Promise<boolean> {
  try {
    await metadata.accounts.hasAdmin();
    return false;
  } catch (error) {
    await metadata[Symbol.asyncDispose]();
    const { cause } = error as { cause?: { code?: unknown } };
    if (cause?.code === "42P01") return true;
    throw error;
  }
}

/** Said only where there are some. */
async function leftElsewhere(
  config: Config,
  metadata: Promise<Metadata | "none" | undefined>,
): Promise<Check[]> {
  const known = await metadata;
  if (known === undefined || known === "none") return [];
  const found = await leftBlobs(config, known.repositories).catch(() => undefined);
  return found === undefined ? [] : [{ name: "storage.stores", ok: false, message: found }];
}

interface Found {
  faults: readonly string[];
  /** Where there are none. */
  fine?: string;
  warning?: string | undefined;
}

async function within(name: string, look: () => Promise<Found>): Promise<Check[]> {
  const over = new AbortController();
  const late: Promise<Found> = sleep(patience, undefined, { signal: over.signal, ref: true }).then(() => ({
    faults: [`it didn't answer within ${patience / 1000} seconds`],
  }));
  late.catch(() => undefined);
  try {
    const { faults, fine = "can be used", warning } = await Promise.race([look(), late]);
    if (faults.length === 0 && warning !== undefined)
      return [{ name, ok: true, message: warning, warning: true }];
    if (faults.length === 0) return [{ name, ok: true, message: fine }];
    return faults.map((message) => ({ name, ok: false, message }));
  } finally {
    over.abort();
  }
}

function faults(why: string | undefined, remedy: string): Found {
  if (why === undefined) return { faults: [] };
  return { faults: [`${why}: make it a folder that the user running Berth may write, or ${remedy}`] };
}

async function database(config: Config): Promise<Check[]> {
  const { url, url_file } = config.metadata;
  // SQLite's is a file in the data folder.
  if (url === undefined && url_file === undefined) return [];
  return within("database", async () => {
    try {
      const address = await postgresUrl(config);
      const { checkDatabase } = await import("#adapters/postgres/check-database.ts");
      const found = await checkDatabase(address ?? "", postgresMigrationsFolder);
      return { faults: [], fine: `can be used (${found})` };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { faults: [error.message.replace(/^The metadata database can't be \w+: /, "")] };
    }
  });
}
