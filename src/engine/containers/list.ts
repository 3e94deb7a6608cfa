import type { ContainerRecord } from "#core/engine/container.ts";
import type { Filters } from "#core/engine/filters.ts";
import { timeOf } from "../times.ts";
import { checkFilters, passes, type FilterParts } from "./filters.ts";
import { listed, type Listed } from "./inspect.ts";
import type { ContainersParts } from "./parts.ts";
import { isRunning } from "./states.ts";

export interface ListQuery {
  all: boolean;
  /** < 1: no limit. */
  limit: number;
  size: boolean;
  filters: Filters;
}

/** Those that are there, newest first. */
export function newestFirst(records: readonly ContainerRecord[]): ContainerRecord[] {
  return records.toSorted(
    (a, b) => timeOf(b.created) - timeOf(a.created) || (b.created > a.created ? 1 : -1),
  );
}

export function createList(parts: ContainersParts, filterParts: FilterParts) {
  return async ({ all, limit, size, filters }: ListQuery): Promise<Listed[]> => {
    checkFilters(filters);
    const everyState = all || limit > 0 || filters.has("status") || filters.has("exited");
    const found: Listed[] = [];
    for (const record of newestFirst(parts.book.all())) {
      if (!everyState && !isRunning(record) && record.state.status !== "restarting") continue;
      if (!passes(record, filters, filterParts)) continue;
      const one = await listed(parts, record, size).catch((error: unknown) => {
        // Removed while its files were counted.
        if (parts.book.get(record.id) !== undefined) throw error;
      });
      if (one !== undefined) found.push(one);
      if (limit > 0 && found.length >= limit) break;
    }
    return found;
  };
}
