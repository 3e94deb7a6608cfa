import type { AppError } from "#core/errors.ts";
import type { BufferPool } from "#kit/buffer-pool.ts";
import type { OpenFile } from "#kit/open-file.ts";
import { storageError } from "#core/storage-error.ts";

/** Up to so many bytes get a buffer of just their size; a pooled one would be mostly empty. */
const smallRead = 64 * 1024;
/** With so many buffers out, reads are small ones: hundreds of readers with two big buffers each would fill the memory. */
const crowd = 64;

interface Fetch {
  buffer: Buffer;
  length: number;
  /** Bytes that came; never rejects unnoticed. */
  filled: Promise<number>;
}

/**
 * Bytes `start` … `end` (inclusive) of a file, in chunks as big as the pool's buffers. While the consumer has
 * one chunk the next is read. A buffer goes back when the consumer asks on or stops, and never under a read.
 * @param short makes the error for a file that ends too early.
 */
export async function* readChunks(
  file: OpenFile,
  start: number,
  end: number,
  pool: BufferPool,
  short: () => AppError,
): AsyncGenerator<Uint8Array, void, void> {
  let position = start;
  let current: Fetch | undefined;
  let ahead: Fetch | undefined;

  function fetch(): Fetch | undefined {
    if (position > end) return undefined;
    const length = Math.min(pool.out < crowd ? pool.size : smallRead, end - position + 1);
    const buffer = length <= smallRead ? Buffer.allocUnsafeSlow(length) : pool.take();
    const filled = file.fill(buffer, length, position);
    filled.catch(() => undefined); // the consumer may stop before it would see this
    position += length;
    return { buffer, length, filled };
  }

  async function release(fetched: Fetch | undefined): Promise<void> {
    if (fetched === undefined) return;
    await fetched.filled.catch(() => undefined);
    if (fetched.length > smallRead) pool.give(fetched.buffer);
  }

  try {
    ahead = fetch();
    while (ahead !== undefined) {
      current = ahead;
      ahead = undefined;
      if ((await bytesOf(current)) < current.length) throw short();
      ahead = fetch();
      yield current.buffer.subarray(0, current.length);
      const used: Fetch = current;
      current = undefined;
      await release(used);
    }
  } finally {
    await release(current);
    await release(ahead);
  }
}

async function bytesOf(fetched: Fetch): Promise<number> {
  try {
    return await fetched.filled;
  } catch (error) {
    throw storageError(error, "The bytes could not be read");
  }
}
