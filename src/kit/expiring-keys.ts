import { createBoundedMap } from "./bounded-map.ts";

/** Keys that hold for a while; the least recently set go when there are more than `limit`. */
export interface ExpiringKeys {
  has(key: string): boolean;
  /** @param ms from now on. */
  set(key: string, ms: number): void;
  delete(key: string): void;
}

/** @param clock ms; one that goes back makes keys hold no longer than they were set for. */
export function createExpiringKeys(limit: number, clock: () => number): ExpiringKeys {
  const entries = createBoundedMap<string, { from: number; until: number }>(limit);
  return {
    has(key) {
      const entry = entries.get(key);
      if (entry === undefined) return false;
      const now = clock();
      if (now >= entry.from && now < entry.until) return true;
      entries.take(key);
      return false;
    },
    set(key, ms) {
      const from = clock();
      entries.set(key, { from, until: from + ms });
    },
    delete: (key) => void entries.take(key),
  };
}
