import { directPart, type DirectFile } from "./direct-file.ts";
import { writeFile } from "#kit/file-calls.ts";
import type { Pieces } from "./pieces.ts";

export interface PieceWriter {
  /** True once a write failed: nothing more is written, and the body need not be read on. */
  readonly failed: boolean;
  /** Copies a chunk. A promise means: wait for it before the next chunk. It never rejects. */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /** Writes what is gathered and waits. Resolves with the bytes written, rejects with the write's error. */
  finish(): Promise<number>;
}

/**
 * Gathers chunks into pieces and writes them in order from `offset` on: one piece is being written while
 * the next one gathers, so memory is two pieces. Chunks are copied, so their owner may use them again.
 * @param written called with the file offset up to which everything is written.
 */
export function createPieceWriter(
  fd: number,
  direct: DirectFile,
  offset: number,
  pieces: Pieces,
  written: (end: number) => void,
): PieceWriter {
  let piece: Buffer | undefined;
  let gathered = 0;
  let position = offset;
  let writing: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  async function write(buffer: Buffer, length: number): Promise<void> {
    try {
      const straight = pieces.aligned(buffer) ? directPart(position, length) : 0;
      const done =
        straight > 0 && (await direct.write(buffer.subarray(0, straight), position)) ? straight : 0;
      if (done < length) await writeFile(fd, buffer.subarray(done, length), position + done);
      position += length;
      written(position);
    } catch (error) {
      failure = { error };
    } finally {
      pieces.give(buffer);
      writing = undefined;
    }
  }

  function flush(): void {
    const full = piece;
    const length = gathered;
    piece = undefined;
    gathered = 0;
    if (full === undefined) return;
    if (failure === undefined) writing = write(full, length);
    else pieces.give(full);
  }

  /** Copies what fits; returns how much. */
  function copy(chunk: Uint8Array): number {
    piece ??= pieces.take();
    const count = Math.min(chunk.length, piece.length - gathered);
    piece.set(count === chunk.length ? chunk : chunk.subarray(0, count), gathered);
    gathered += count;
    return count;
  }

  async function copyOn(rest: Uint8Array): Promise<void> {
    for (let left = rest; ;) {
      await writing;
      flush();
      if (left.length === 0) return;
      left = left.subarray(copy(left));
      if (gathered < (piece?.length ?? 0)) return;
    }
  }

  return {
    get failed() {
      return failure !== undefined;
    },
    push(chunk) {
      if (chunk.length === 0) return undefined;
      const count = copy(chunk);
      if (gathered < (piece?.length ?? 0)) return undefined;
      if (count < chunk.length || writing !== undefined) return copyOn(chunk.subarray(count));
      flush();
      return undefined;
    },
    async finish() {
      await writing;
      flush();
      await writing;
      if (failure !== undefined) throw failure.error;
      return position - offset;
    },
  };
}
