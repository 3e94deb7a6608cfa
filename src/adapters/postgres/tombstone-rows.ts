import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Queries } from "./database.ts";

/**
 * Part of a statement whose WITH has removed rows of blobs as `gone (location, size)`: where their bytes lie becomes a
 * tombstone. @param now the parameter that says the time
 */
export const buryGone = (now: string): string =>
  `INSERT INTO tombstones AS t (location, size, buried_at) SELECT location, size, ${now}::bigint FROM gone ` +
  "ON CONFLICT (location) DO UPDATE SET buried_at = excluded.buried_at";

/** A blob is to have its bytes there. Throws unavailable where they are about to be removed. */
export async function mustLive(tx: Queries, location: Location): Promise<void> {
  if ((await tx.row("SELECT 1 FROM tombstones WHERE location = $1", [location])) === undefined) return;
  throw new AppError(
    "unavailable",
    "the bytes lay about for so long that they are being removed: push it again",
  );
}
