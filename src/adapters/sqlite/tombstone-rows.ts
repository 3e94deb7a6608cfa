import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Connection } from "./connection.ts";

/** Where bytes lie that nobody has any more. */
export function tombstoneRows(db: Connection) {
  const bury = db.prepare<[string, number, number]>(
    "INSERT INTO tombstones (location, size, buried_at) VALUES (?, ?, ?) " +
      "ON CONFLICT (location) DO UPDATE SET buried_at = excluded.buried_at",
  );
  const buried = db.prepare<[string], number>("SELECT 1 FROM tombstones WHERE location = ?").pluck();
  return {
    bury(location: Location, size: number, now: number): void {
      bury.run(location, size, now);
    },
    isBuried: (location: Location): boolean => buried.get(location) !== undefined,
    /** A blob is to have its bytes there. Throws unavailable where they are about to be removed. */
    mustLive(location: Location): void {
      if (buried.get(location) === undefined) return;
      throw new AppError(
        "unavailable",
        "the bytes lay about for so long that they are being removed: push it again",
      );
    },
  };
}
