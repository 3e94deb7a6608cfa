import { writeFile } from "./file-calls.ts";

/** A write call gets about so many bytes. */
export const batchBytes = 1024 * 1024;
/** Linux takes so many pieces in one writev. */
const batchChunks = 1024;

export interface BatchWriter {
  /** True once a write failed: nothing more is written, and the body need not be read on. */
  readonly failed: boolean;
  /** Takes a chunk, without copying it. A promise means: wait for it before the next chunk. It never rejects. */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /** Writes what is gathered and waits. Resolves with the bytes written, rejects with the write's error. */
  finish(): Promise<number>;
}

/**
 * Gathers chunks and writes them in order from `offset` on: one batch is being written while the next one
 * gathers, so memory is two batches (more only by the size of a single chunk).
 * @param written called with the file offset up to which everything is written.
 */
export function createBatchWriter(fd: number, offset: number, written: (end: number) => void): BatchWriter {
  let batch: Uint8Array[] = [];
  let gathered = 0;
  let position = offset;
  let writing: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  async function write(chunks: Uint8Array[], bytes: number): Promise<void> {
    try {
      await writeFile(fd, chunks, position);
      position += bytes;
      written(position);
    } catch (error) {
      failure = { error };
    } finally {
      writing = undefined;
    }
  }

  function flush(): void {
    const chunks = batch;
    const bytes = gathered;
    batch = [];
    gathered = 0;
    if (failure === undefined) writing = write(chunks, bytes);
  }

  return {
    get failed() {
      return failure !== undefined;
    },
    push(chunk) {
      if (chunk.length === 0) return undefined;
      batch.push(chunk);
      gathered += chunk.length;
      if (gathered < batchBytes && batch.length < batchChunks) return undefined;
      if (writing !== undefined) return writing.then(flush);
      flush();
      return undefined;
    },
    async finish() {
      await writing;
      if (gathered > 0) flush();
      await writing;
      if (failure !== undefined) throw failure.error;
      return position - offset;
    },
  };
}
