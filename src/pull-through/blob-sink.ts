import type { GrowingStart } from "#core/fetch-relay.ts";
import type { Ingest } from "#core/ingest.ts";
import type { SpoolFile } from "#core/spool.ts";
import type { Growth } from "#kit/growth.ts";
import { freeChunk } from "#kit/free-chunk.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** Up to so many bytes are kept in memory and stored in one go. */
const smallLimit = 128 * 1024;
/** Bytes that wait for a write at most; then the upstream waits. */
const mostWaiting = 2 * 1024 * 1024;

/** What is told while a blob is fetched. */
export interface BlobTold {
  growth: Growth;
  /** @param file who is told closes it, when the fetch is over. */
  begun(start: GrowingStart, file: SpoolFile | undefined): void;
  /** Its digest is right. @param whole all of it, where it is in memory: it can be served before it is durable. */
  proved(whole: Uint8Array | undefined): void;
}

/** Where the bytes of a fetch go. */
export interface BlobSink {
  /** All bytes, once they are written; undefined: they are in a file. */
  readonly whole: Uint8Array | undefined;
  /** Takes a chunk for good. A promise means: wait for it before the next one. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when all that was taken is written. Rejects with what a write failed with: storage-*. */
  written(): Promise<void>;
  /** Makes it a blob of the repository. */
  keep(repository: RepositoryName, digest: Digest, length: number): Promise<void>;
  /** Nothing of it stays. */
  abort(): Promise<void>;
}

/** Memory for what is small, else a file that others read meanwhile. */
export async function createBlobSink(
  ingest: Ingest,
  size: number | undefined,
  told: BlobTold,
): Promise<BlobSink> {
  return size !== undefined && size <= smallLimit
    ? inMemory(ingest, size, told)
    : inFile(ingest, await ingest.begin(), size, told);
}

function inMemory(ingest: Ingest, size: number, told: BlobTold): BlobSink {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  told.begun({ size, file: undefined }, undefined);
  return {
    whole: bytes,
    write(chunk) {
      bytes.set(chunk, filled);
      filled += chunk.length;
      freeChunk(chunk);
      return undefined;
    },
    written: () => Promise.resolve(),
    keep: (repository, digest) => ingest.addSmallBlob(repository, digest, bytes),
    abort: () => Promise.resolve(),
  };
}

/**
 * While one write runs the next chunks gather, so the upstream is read on. What was written may be read, but for the last byte, which waits for the proof.
 */
function inFile(ingest: Ingest, file: SpoolFile, size: number | undefined, told: BlobTold): BlobSink {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let length = 0;
  let running: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;
  told.begun({ size, file: size === undefined ? undefined : file.name }, file);

  async function drain(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const chunks = waiting;
        waiting = [];
        bytes = 0;
        for (const chunk of chunks) {
          const { length: more } = chunk;
          await file.write(chunk);
          freeChunk(chunk);
          length += more;
        }
        if (size !== undefined) told.growth.grow(Math.min(length, size - 1));
      }
    } catch (error) {
      failure = { error };
    } finally {
      running = undefined;
    }
  }

  async function written(): Promise<void> {
    await running;
    if (failure !== undefined) throw failure.error;
  }

  return {
    whole: undefined,
    write(chunk) {
      waiting.push(chunk);
      bytes += chunk.length;
      running ??= drain();
      return bytes > mostWaiting || failure !== undefined ? written() : undefined;
    },
    written,
    keep: (repository, digest, all) => ingest.addBlob(repository, digest, all, file),
    async abort() {
      await running;
      await file.abort();
    },
  };
}
