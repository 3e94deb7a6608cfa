import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { keptInPostgres, postgresUrl } from "../open/open-metadata.ts";

/** What doesn't belong in a snapshot: snapshot-content.ts of adapters/sqlite says why. */
const passing =
  "--no-unlogged-table-data " +
  ["uploads", "servers", "signing_keys", "blob_folder", "tombstones"]
    .map((table) => `--exclude-table-data=${table}`)
    .join(" ");

/** With metadata in PostgreSQL its own tools make and restore the snapshot: says with which commands. */
export async function refusePostgres(
  config: Config,
  what: "backup" | "restore",
  file: string,
): Promise<never> {
  const address = quoted(withoutPassword((await postgresUrl(config)) ?? ""));
  const dump = `pg_dump --format=custom ${passing} --file=${quoted(file)} --dbname=${address}`;
  const restore = `pg_restore --clean --if-exists --no-owner --single-transaction --dbname=${address} ${quoted(file)}`;
  throw new AppError(
    "unsupported",
    what === "backup"
      ? `metadata is in PostgreSQL, which backs it up itself:\n  ${dump}\n` +
          "and after that the blobs:\n  berth backup --blobs PLACE"
      : `metadata is in PostgreSQL, which restores it itself. Stop every server, then\n  ${restore}\n` +
          "and after that the blobs:\n  berth restore --blobs PLACE",
  );
}

/** Whoever named neither a file nor a place for blobs is told how it goes; with SQLite nothing is said. */
export async function refuseWithoutFile(config: Config, what: "backup" | "restore"): Promise<void> {
  if (keptInPostgres(config)) await refusePostgres(config, what, "berth.dump");
}

/** The tools ask for it, or find it in PGPASSWORD or ~/.pgpass. */
export function withoutPassword(url: string): string {
  // To the last @ of the authority: a password may hold others.
  return url.replace(/^([a-z]+:\/\/[^:@/]*):[^/?#]*@/, "$1@").replace(/([?&])password=[^&]*&?/, "$1");
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
