import { existsSync } from "node:fs";
import { rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "#config/config.ts";
import { databasePath } from "./storage.ts";

/** What taking a data folder leaves in one that was empty or not there. */
export interface MadeHere {
  /** Removes it, and ends the folder's lock; what was there before, or has become of use, stays. */
  remove(lock: Disposable): Promise<void>;
}

/** Looks before the folder is made or locked. */
export function beforeFolder(config: Config): MadeHere {
  const database = databasePath(config);
  const files = [database, join(config.data, "berth.lock"), join(config.data, "berth.pid")];
  const isNew = !existsSync(config.data);
  const made = files.filter((file) => !existsSync(file));
  return {
    async remove(lock) {
      for (const file of made) {
        const size = (await stat(file).catch(() => undefined))?.size ?? 0;
        if (file !== database || size === 0) await rm(file, { force: true });
      }
      // With it a file beside berth.lock goes.
      lock[Symbol.dispose]();
      // Where a restore has brought something already, another run goes on with it.
      if (isNew) await rmdir(config.data).catch(() => undefined);
    },
  };
}
