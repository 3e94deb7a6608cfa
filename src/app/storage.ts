import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Config } from "#config/config.ts";

/** What lies where below the data folder, and where the migrations are. */
export function databasePath(config: Config): string {
  return join(config.data, "berth.db");
}

/** From src/app and from dist/app alike: the package's own folder. */
export const migrationsFolder = new URL("../../migrations/sqlite/", import.meta.url);

/** Makes the data folder. Throws storage-failed with what to do. */
export async function makeDataFolder(config: Config): Promise<void> {
  try {
    await mkdir(config.data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError(
      "storage-failed",
      `the data folder ${config.data} cannot be made (${(error as NodeJS.ErrnoException).code ?? "error"}): ` +
        `choose another with --data, or give this user the right`,
      { cause: error },
    );
  }
}
