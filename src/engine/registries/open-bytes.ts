import type { OpenBlob } from "#core/blob-store.ts";

/** Bytes in memory as an open blob. */
export function openBytes(bytes: Uint8Array): OpenBlob {
  return {
    size: bytes.length,
    async *read(start, end) {
      if (end >= start) yield bytes.subarray(start, end + 1);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
