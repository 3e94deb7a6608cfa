/** A map that forgets its least recently set entries beyond `limit`. */
export function createBoundedMap<K, V>(limit: number) {
  const entries = new Map<K, V>();
  return {
    get: (key: K): V | undefined => entries.get(key),
    /** The entry, taken out. */
    take(key: K): V | undefined {
      const value = entries.get(key);
      entries.delete(key);
      return value;
    },
    set(key: K, value: V): void {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > limit) {
        const oldest = entries.keys().next();
        if (oldest.done !== true) entries.delete(oldest.value);
      }
    },
  };
}
