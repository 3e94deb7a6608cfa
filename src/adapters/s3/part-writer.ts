import type { BufferPool } from "#kit/buffer-pool.ts";
import type { Part } from "./bucket.ts";
import { mostParts, type PartSizes } from "./part-sizes.ts";
import { AppError } from "#core/errors.ts";

/** What the first bytes of a part get; it grows with them, so that a small body costs little. */
const firstRoom = 128 * 1024;

export interface PartWriterParts {
  sizes: PartSizes;
  /** Full parts in memory, beside the one that is being filled; fewer when parts have grown. */
  inFlight: number;
  /** Buffers of the first parts' size. */
  pool: BufferPool;
  /** Parts that are there already. */
  before: readonly Part[];
  send(number: number, bytes: Uint8Array): Promise<Part>;
}

/**
 * Gathers bytes into parts and sends each full one while the next is filled. When so many are under way as
 * may be, `push` waits, which holds the sender up.
 */
export interface PartWriter {
  /** True when a part could not be sent: no use in going on. */
  readonly failed: boolean;
  /** Copies the chunk; wait for the promise before the next call. Rejects when the upload grows too large. */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /**
   * Waits for everything under way.
   * @param keepLarge the tail stays one whatever its size, for a last part follows.
   * @returns all parts, and what is left for a tail. Throws what a part failed with.
   */
  finish(keepLarge: boolean): Promise<{ parts: Part[]; tail: Uint8Array }>;
}

export function createPartWriter({ sizes, inFlight, pool, before, send }: PartWriterParts): PartWriter {
  const parts: (Part | undefined)[] = [...before];
  const underWay = new Set<Promise<void>>();
  let current: Buffer = Buffer.alloc(0);
  let filled = 0;
  let failure: { error: unknown } | undefined;

  const nextNumber = () => parts.length + 1;

  function give(buffer: Buffer): void {
    if (buffer.length === pool.size) pool.give(buffer);
  }

  function take(length: number): Buffer {
    return length === pool.size ? pool.take() : Buffer.allocUnsafeSlow(length);
  }

  /** Room for at least one more byte, up to the size of a full part. */
  function grow(full: number, wanted: number): void {
    let room = parts.length > before.length ? full : Math.max(current.length * 4, firstRoom);
    while (room < wanted) room *= 4;
    const larger = take(Math.min(full, room));
    current.copy(larger, 0, 0, filled);
    if (current.length > 0) give(current);
    current = larger;
  }

  function dispatch(): void {
    const number = nextNumber();
    const bytes = current.subarray(0, filled);
    const buffer = current;
    parts.push(undefined);
    current = Buffer.alloc(0);
    filled = 0;
    const work = send(number, bytes).then(
      (part) => {
        parts[number - 1] = part;
      },
      (error: unknown) => {
        failure ??= { error };
      },
    );
    const done = work.finally(() => {
      give(buffer);
      underWay.delete(done);
    });
    underWay.add(done);
  }

  async function room(full: number): Promise<void> {
    const most = Math.max(1, Math.floor((inFlight * sizes.first) / full));
    while (underWay.size >= most && failure === undefined) await Promise.race(underWay);
  }

  async function pushOn(chunk: Uint8Array, from: number): Promise<void> {
    let at = from;
    while (at < chunk.length && failure === undefined) {
      const full = sizes.full(nextNumber());
      if (filled === full) {
        await room(full);
        dispatch();
        continue;
      }
      at += fill(chunk, at, full);
    }
  }

  /** A full part stays until the next byte comes: it may be the last, or all of a small blob. */
  function fill(chunk: Uint8Array, at: number, full: number): number {
    if (nextNumber() > mostParts)
      throw new AppError(
        "storage-failed",
        `The blob is larger than ${sizes.reach} bytes, which is the most that this registry's storage takes.`,
      );
    const length = Math.min(chunk.length - at, full - filled);
    if (filled + length > current.length) grow(full, filled + length);
    current.set(chunk.subarray(at, at + length), filled);
    filled += length;
    return length;
  }

  return {
    get failed() {
      return failure !== undefined;
    },
    push(chunk) {
      if (chunk.length === 0) return undefined;
      const full = sizes.full(nextNumber());
      if (filled + chunk.length > full) return pushOn(chunk, 0);
      fill(chunk, 0, full);
      return undefined;
    },
    async finish(keepLarge) {
      const number = nextNumber();
      if (!keepLarge && filled >= sizes.least(number) && number < mostParts) {
        await room(sizes.full(number));
        if (failure === undefined) dispatch();
      }
      await Promise.all(underWay);
      const tail = Uint8Array.prototype.slice.call(current, 0, filled);
      if (current.length > 0) give(current);
      current = Buffer.alloc(0);
      if (failure !== undefined) throw failure.error;
      return { parts: parts as Part[], tail };
    },
  };
}
