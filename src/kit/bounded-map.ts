/**
 * A map that forgets its least recently set entries beyond `limit`.
 * @param weigh what an entry counts for; one that weighs more than the limit by itself isn't kept.
 */
export function createBoundedMap<K, V>(limit: number, weigh: (value: V) => number = () => 1) {
  const entries = new Map<K, { value: V; weight: number }>();
  let total = 0;

  function take(key: K): V | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    total -= entry.weight;
    return entry.value;
  }

  return {
    get: (key: K): V | undefined => entries.get(key)?.value,
    /** The entry, taken out. */
    take,
    set(key: K, value: V): void {
      take(key);
      const weight = weigh(value);
      if (weight > limit) return;
      entries.set(key, { value, weight });
      total += weight;
      while (total > limit) {
        const oldest = entries.keys().next();
        if (oldest.done === true) return;
        take(oldest.value);
      }
    },
  };
}
