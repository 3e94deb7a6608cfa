import type { BufferPool } from "./buffer-pool.ts";
import type { OpenFile } from "./open-file.ts";

/** One of those who read a file. */
export interface SharedReader {
  /**
   * Bytes `start` … `end` (inclusive), in chunks no longer than the pool's buffers; several reads may run at once. A
   * chunk is only valid until the next one is asked for. Throws what the file system says, or that they aren't there.
   */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, void>;
  /** Waits for reads under way. May be called again. */
  close(): Promise<void>;
}

/** Part of a file in memory, for all who are reading there now: bytes `from` … `to` - 1 of it are. */
interface Block {
  buffer: Buffer;
  from: number;
  to: number;
  readers: number;
  filling: Promise<void> | undefined;
}

/**
 * A file that many read at once, most of them at the same place, since it grows there: one descriptor, and one buffer
 * for all who are at one place. So memory is a buffer for each reader at most, and hardly more than one when they keep
 * together. What is beyond a read's end is never looked at: it may be half written.
 * @param closed called when the last reader has closed, before the descriptor is.
 * @returns makes a reader. The first one must be made at once, and none after the last has closed.
 */
export function shareFile(file: OpenFile, pool: BufferPool, closed: () => void): () => SharedReader {
  let readers = 0;
  const blocks = new Map<number, Block>();

  /** Reads what of `from` … `to` - 1 the block lacks; in between all is written, too. */
  async function fill(block: Block, base: number, from: number, to: number): Promise<void> {
    if (block.from === block.to) block.from = block.to = from;
    await load(block.to, to);
    block.to = Math.max(block.to, to);
    await load(from, block.from);
    block.from = Math.min(block.from, from);

    async function load(first: number, after: number): Promise<void> {
      if (first >= after) return;
      const came = await file.fill(block.buffer.subarray(first), after - first, base + first);
      if (came < after - first) throw new Error(`the file ends before byte ${base + after - 1}`);
    }
  }

  async function have(block: Block, base: number, from: number, to: number): Promise<void> {
    while (from < block.from || to > block.to) {
      if (block.filling !== undefined) {
        // Somebody else's failure may be none of ours.
        await block.filling.catch(() => undefined);
        continue;
      }
      block.filling = fill(block, base, from, to).finally(() => (block.filling = undefined));
      await block.filling;
    }
  }

  function take(base: number): Block {
    let block = blocks.get(base);
    if (block === undefined) {
      block = { buffer: pool.take(), from: 0, to: 0, readers: 0, filling: undefined };
      blocks.set(base, block);
    }
    block.readers++;
    return block;
  }

  function leave(block: Block, base: number): void {
    // A fill belongs to one of the readers, who waits for it: the last one leaves none behind.
    if (--block.readers > 0) return;
    blocks.delete(base);
    pool.give(block.buffer);
  }

  return () => {
    readers++;
    const underWay = new Set<Promise<void>>();
    let closing: Promise<void> | undefined;

    async function* read(start: number, end: number): AsyncGenerator<Uint8Array, void, void> {
      for (let at = start; at <= end;) {
        if (closing !== undefined) throw new Error("the file was closed before it was read to the end");
        const base = at - (at % pool.size);
        const [from, to] = [at - base, Math.min(pool.size, end + 1 - base)];
        const block = take(base);
        try {
          const there = have(block, base, from, to).finally(() => underWay.delete(there));
          underWay.add(there);
          await there;
          yield block.buffer.subarray(from, to);
        } finally {
          leave(block, base);
        }
        at = base + to;
      }
    }

    async function close(): Promise<void> {
      await Promise.allSettled(underWay);
      if (--readers > 0) return;
      closed();
      await file.close();
    }

    return { read, close: () => (closing ??= close()) };
  };
}
