import type { OpenBlob } from "#core/blob-store.ts";

/** A blob that is in memory. */
export function openWhole(bytes: Uint8Array): OpenBlob {
  return {
    size: bytes.length,
    async *read(start, end) {
      yield await Promise.resolve(bytes.subarray(start, end + 1));
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
