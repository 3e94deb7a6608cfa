/** Bytes of a stream, asked for by number: what a tar's blocks and contents are read with. */
export interface ByteReader {
  /** Exactly `bytes` of them (few: they are held together); undefined: the stream ended before the first. Throws `cut` when it ended inside. */
  exactly(bytes: number): Promise<Buffer | undefined>;
  /** What comes next, at most `most` bytes of it, valid until more is asked for; undefined: the end. */
  next(most: number): Promise<Buffer | undefined>;
  /** Lets go of the stream, wherever it is. */
  close(): Promise<void>;
}

/** @param source may use a piece's buffer again once the next is asked for. @param cut makes the error for a stream that ends too early. */
export function createByteReader(source: AsyncIterable<Uint8Array>, cut: () => Error): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    // Its buffer may be used again once the next is asked for.
    if (held.length > 0) held = Buffer.from(held);
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return false;
      const { value } = next;
      if (value.length === 0) continue;
      const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      return true;
    }
  }

  function take(bytes: number): Buffer {
    const taken = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return taken;
  }

  return {
    async exactly(bytes) {
      while (held.length < bytes) {
        if (await fill()) continue;
        if (held.length === 0) return undefined;
        throw cut();
      }
      return take(bytes);
    },
    async next(most) {
      if (held.length === 0 && !(await fill())) return undefined;
      return take(Math.min(most, held.length));
    },
    async close() {
      await iterator.return?.();
    },
  };
}
