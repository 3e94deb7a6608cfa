/** Big buffers that are used again, so that large reads cost neither page faults nor garbage collection. */
export interface BufferPool {
  /** Bytes of each buffer. */
  readonly size: number;
  /** Buffers lying ready. */
  readonly idle: number;
  /** Buffers that are taken now. */
  readonly out: number;
  /** A buffer of `size` bytes with whatever is in it. Never waits: who bounds the readers bounds the memory. */
  take(): Buffer;
  /** Gives a taken buffer back, once, when nothing reads or writes it any more. Throws on a second time. */
  give(buffer: Buffer): void;
}

/** @param parts `size` of each buffer in bytes; `maxIdle` buffers are kept, more go to the garbage collector. */
export function createBufferPool({ size, maxIdle }: { size: number; maxIdle: number }): BufferPool {
  const idle: Buffer[] = [];
  // Weak: what a reader forgets to give back is garbage, not a leak.
  const taken = new WeakSet<Buffer>();
  let out = 0;
  return {
    size,
    get idle() {
      return idle.length;
    },
    get out() {
      return out;
    },
    take() {
      const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(size);
      taken.add(buffer);
      out++;
      return buffer;
    },
    give(buffer) {
      // A buffer given back twice would be handed to two readers: bytes of one blob in the other's answer.
      if (!taken.delete(buffer)) throw new Error("this buffer is not out of the pool");
      out--;
      if (idle.length < maxIdle) idle.push(buffer);
    },
  };
}
