import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { hasDatabase } from "#adapters/sqlite/snapshot/replace-database.ts";
import type { Config } from "#config/config.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { keptInPostgres } from "../../open/open-metadata.ts";
import { openMetadataShelf } from "../../open/open-metadata-shelf.ts";
import { databasePath } from "../../open/storage.ts";
import type { Finding } from "../finding.ts";

/** Whether the database is gone while blobs, or snapshots of it, are there: a server would begin with an empty one. */
export async function lostDatabaseFindings(config: Config): Promise<Finding[]> {
  if (keptInPostgres(config) || (await hasDatabase(databasePath(config)))) return [];
  // Blobs that can't be reached are for others to tell.
  const newest = await openMetadataShelf(config)
    .then((shelf) => shelf.list())
    .then((found) => found.at(-1))
    .catch(() => undefined);
  const name = `database ${databasePath(config)}`;
  if (newest === undefined) {
    if (!(await hasBlobs(config))) return [];
    const message =
      "isn't there, though blobs are, and no snapshot of it lies beside them: tags, manifests and accounts are lost, " +
      "unless a backup has them";
    return [{ name, state: "missing", message, cure: "berth restore FILE" }];
  }
  const taken = new Date(snapshotTime(newest.name) ?? 0).toISOString();
  return [
    {
      name,
      state: "missing",
      message: `isn't there, though a snapshot of ${taken} lies beside the blobs; a start would begin with an empty one`,
      cure: "berth rebuild",
    },
  ];
}

/** Whether one file lies in the folder of blobs. A bucket isn't looked through. */
async function hasBlobs({ storage: { disk, stores } }: Config): Promise<boolean> {
  if (!stores.includes("disk")) return false;
  try {
    for await (const entry of await opendir(join(disk.path, "blobs"), { recursive: true }))
      if (entry.isFile()) return true;
  } catch {
    // What can't be read is for others to tell.
  }
  return false;
}
