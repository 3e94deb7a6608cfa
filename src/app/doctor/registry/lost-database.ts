import { hasDatabase } from "#adapters/sqlite/snapshot/replace-database.ts";
import type { Config } from "#config/config.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { keptInPostgres } from "../../open/open-metadata.ts";
import { openMetadataShelf } from "../../open/open-metadata-shelf.ts";
import { databasePath } from "../../open/storage.ts";
import type { Finding } from "../finding.ts";

/** Whether the database is gone while snapshots of it lie beside the blobs: a server would begin with an empty one. */
export async function lostDatabaseFindings(config: Config): Promise<Finding[]> {
  if (keptInPostgres(config) || (await hasDatabase(databasePath(config)))) return [];
  // Blobs that can't be reached are for others to tell.
  const newest = await openMetadataShelf(config)
    .then((shelf) => shelf.list())
    .then((found) => found.at(-1))
    .catch(() => undefined);
  if (newest === undefined) return [];
  const taken = new Date(snapshotTime(newest.name) ?? 0).toISOString();
  return [
    {
      name: `database ${databasePath(config)}`,
      state: "missing",
      message: `isn't there, though a snapshot of ${taken} lies beside the blobs; a start would begin with an empty one`,
      cure: "berth rebuild",
    },
  ];
}
