/** A set of row ids, a bit for each that is lower than the highest: 1.2 MB for ten million blobs. */
export function createIdSet() {
  let bits = new Uint8Array(1024);
  return {
    /** False when it is there already. */
    add(id: number): boolean {
      const at = Math.floor(id / 8);
      if (at >= bits.length) {
        const larger = new Uint8Array(Math.max(at + 1, bits.length * 2));
        larger.set(bits);
        bits = larger;
      }
      const bit = 1 << (id % 8);
      const before = bits[at] ?? 0;
      bits[at] = before | bit;
      return (before & bit) === 0;
    },
  };
}
