import { AppError } from "#core/errors.ts";
import { exclusiveFolder } from "#kit/exclusive-folder.ts";

/**
 * Takes a data folder for this server alone, until disposed or until the process ends, however it ends.
 * Throws unavailable when another server has it.
 */
export function lockFolder(folder: string): Disposable {
  const lock = exclusiveFolder(folder, "berth");
  if (!("heldBy" in lock)) return lock;
  const holder = lock.heldBy === undefined ? "" : ` (process ${lock.heldBy})`;
  throw new AppError(
    "unavailable",
    `another Berth${holder} serves the data folder ${folder}: stop it, or choose another folder with --data`,
  );
}
