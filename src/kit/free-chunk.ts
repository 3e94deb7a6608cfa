const freeFrom = 16 * 1024;

/**
 * Gives a chunk's memory back now, when nobody looks at it any more. Left to the garbage collector, the bytes
 * of a large blob make V8 collect the whole heap every 64 MiB, which took a quarter of the processors' time.
 */
export function freeChunk({ buffer, byteOffset, length }: Uint8Array): void {
  // Only what is the chunk's alone; small ones share their memory.
  if (length >= freeFrom && byteOffset === 0 && length === buffer.byteLength && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
}
