import type { Filters } from "#core/engine/filters.ts";
import { AppError } from "#core/errors.ts";
import { timeOf } from "../times.ts";
import { checkFilters, passes, type FilterParts } from "./filters.ts";
import type { ContainersParts } from "./parts.ts";
import type { Remove } from "./remove.ts";
import { isRunning } from "./states.ts";
import { untilTime } from "../until-time.ts";

/** Removes those that don't run. */
export function createPrune(parts: ContainersParts, filterParts: FilterParts, removal: Remove) {
  const { book, snapshots, now } = parts;
  return async (filters: Filters): Promise<{ removed: string[]; reclaimed: number }> => {
    checkFilters(filters, ["label", "label!", "until"]);
    const until = untilTime(filters, now());
    const removed: string[] = [];
    let reclaimed = 0;
    for (const record of book.all()) {
      if (isRunning(record) || record.state.status === "restarting") continue;
      if (until !== undefined && timeOf(record.created) >= until) continue;
      if (!passes(record, filters, filterParts)) continue;
      const { writable } = await snapshots.usage(record.id).catch(() => ({ writable: 0 }));
      try {
        await removal.remove(record.id, { force: false, volumes: false, link: false });
      } catch (error) {
        // Somebody started or removed it meanwhile.
        if (error instanceof AppError && ["engine-conflict", "engine-missing"].includes(error.code)) continue;
        throw error;
      }
      removed.push(record.id);
      reclaimed += writable;
    }
    return { removed, reclaimed };
  };
}
