import { access, chmod, constants, mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Config } from "#config/config.ts";
import { unmakeable } from "./makeable.ts";

/** What lies where below the data folder, and where the migrations are. */
export function databasePath(config: Config): string {
  return join(config.data, "berth.db");
}

/**
 * Whether the database is there. Throws storage-failed, saying who to be, where this user may not know or read it:
 * what can't be seen isn't missing.
 */
export async function hasReadable(database: string): Promise<boolean> {
  try {
    await access(database, constants.R_OK);
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") return false;
    const owner = await ownerOf(database, dirname(database));
    const who =
      owner === undefined ? "the user that the server runs as" : `its user (sudo -u '#${owner}' berth …)`;
    throw new AppError(
      "storage-failed",
      `this user may not read ${database}: run this as ${who}, or as root`,
      { cause },
    );
  }
}

/** The user that the first of the paths belongs to that tells. */
async function ownerOf(...paths: string[]): Promise<number | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) return found.uid;
  }
  return undefined;
}

/** From src/app and from dist/app alike: the package's own folder. */
export const migrationsFolder = new URL("../../../migrations/sqlite/", import.meta.url);
export const postgresMigrationsFolder = new URL("../../../migrations/postgres/", import.meta.url);

/** The group may pass through a folder, but not list it. */
const search = 0o010;

/**
 * Makes the data folder, its owner's alone. With storage.disk.x_accel_redirect the group may pass through
 * it, on its way to the blobs. Throws storage-failed with what to do.
 */
export async function makeDataFolder(config: Config): Promise<void> {
  const never = await unmakeable(config.data);
  if (never !== undefined)
    throw new AppError(
      "storage-failed",
      `the data folder ${config.data}: ${never}. Choose another with --data`,
    );
  try {
    await mkdir(config.data, { recursive: true, mode: 0o700 });
    const { url, url_file } = config.metadata;
    if (url === undefined && url_file === undefined) await keepPrivate(databasePath(config));
    if (config.storage.disk.x_accel_redirect !== undefined) {
      const { mode } = await stat(config.data);
      if ((mode & search) === 0) await chmod(config.data, (mode & 0o777) | search);
    }
  } catch (error) {
    throw new AppError(
      "storage-failed",
      `the data folder ${config.data} cannot be made (${(error as NodeJS.ErrnoException).code ?? "error"}): ` +
        `choose another with --data, or give this user the right`,
      { cause: error },
    );
  }
}

/** SQLite makes files that everybody may read, and those of its log like the database's: so this one is there first. */
async function keepPrivate(database: string): Promise<void> {
  try {
    await (await open(database, "a", 0o600)).close();
    for (const file of [database, `${database}-wal`, `${database}-shm`]) {
      const mode = (await stat(file).catch(() => undefined))?.mode ?? 0;
      if ((mode & 0o077) !== 0) await chmod(file, 0o600);
    }
  } catch {
    // Whoever opens the database next says in better words why it can't be.
  }
}
