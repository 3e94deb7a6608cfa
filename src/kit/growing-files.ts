import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { BackgroundSync } from "./background-sync.ts";
import { createBufferPool } from "./buffer-pool.ts";
import { coalesce } from "./coalesce.ts";
import { errnoOf, openFile, removeFile, statFile, syncFile, writeFile } from "./file-calls.ts";
import { openForReading, readable, type OpenFile } from "./open-file.ts";
import { shareFile, type SharedReader } from "./shared-file.ts";

/** Bytes that all readers at one place read at once, and share. */
const readBytes = 256 * 1024;
/** Of one write to the page cache: larger ones take two to three times as long in all (ext4, Linux 6.18). */
const writeBytes = 64 * 1024;
/** Buffers kept for the next reads: 8 MiB. */
const idleBuffers = 32;

/** One of those who read a file that grows. */
export type GrowingReader = SharedReader & AsyncDisposable;

/** A file that is read while it is written, through one descriptor. */
export interface GrowingFile extends GrowingReader {
  readonly name: string;
  readonly path: string;
  /** Bytes written. */
  readonly size: number;
  /** Adds bytes at the end; they can be read once this resolves. One call at a time; after a failure no more. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the bytes durable. After a failure none of them can be trusted: the file is removed. */
  sync(): Promise<void>;
  /** Takes its name away; reads go on. */
  remove(): Promise<void>;
}

/** The files of one folder that are read while they grow. */
export interface GrowingFiles {
  /** A new, empty one, 0600. */
  begin(): Promise<GrowingFile>;
  /** One that another process writes; undefined when there is none of that name. */
  open(name: string): Promise<GrowingReader | undefined>;
  /** Removes those that nobody wrote to since `before` (ms). How many. */
  sweep(before: number): Promise<number>;
}

export interface GrowingFilesParts {
  /** It must be there. */
  folder: string;
  names: { make(): string; is(text: string): boolean };
  /** Writes out in the background what will be synced; undefined: nothing will. */
  syncInBackground: ((fd: number, offset: number) => BackgroundSync) | undefined;
  /** The error to throw for one of the file system's. @param what as in core/storage-error.ts. */
  fault(error: unknown, what: string): Error;
}

export function createGrowingFiles({
  folder,
  names,
  syncInBackground,
  fault,
}: GrowingFilesParts): GrowingFiles {
  const pool = createBufferPool({ size: readBytes, maxIdle: idleBuffers });
  const unreadable = "The bytes could not be read";
  /** By name, as long as somebody has them open here. */
  const shared = new Map<string, () => SharedReader>();

  async function translated<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fault(error, what);
    }
  }

  /** A file that was just opened, for all of this process. */
  function share(name: string, file: OpenFile): () => SharedReader {
    const reader = shareFile(file, pool, () => {
      if (shared.get(name) === reader) shared.delete(name);
    });
    shared.set(name, reader);
    return reader;
  }

  const openOnce = coalesce(async (name: string) => {
    if (!shared.has(name)) share(name, await openForReading(join(folder, name)));
  });

  function inWords(reader: SharedReader): GrowingReader {
    return {
      async *read(start, end) {
        try {
          yield* reader.read(start, end);
        } catch (error) {
          throw fault(error, unreadable);
        }
      },
      close: () => reader.close(),
      [Symbol.asyncDispose]: () => reader.close(),
    };
  }

  function growing(name: string, fd: number, reader: SharedReader): GrowingFile {
    const path = join(folder, name);
    const failed = "The bytes could not be stored";
    const background = syncInBackground?.(fd, 0);
    let size = 0;
    let broken: { error: unknown } | undefined;
    /** What else uses the descriptor. */
    let using: Promise<unknown> = Promise.resolve();
    let closed: Promise<void> | undefined;

    /** A descriptor must not be closed under a call: its number may be another file's by then. */
    function use(call: () => Promise<void>): Promise<void> {
      if (closed !== undefined) throw new Error(`${name} was closed`);
      const done = using.then(call);
      using = done.catch(() => undefined);
      return done;
    }

    const close = () => (closed ??= closeNow());
    async function closeNow(): Promise<void> {
      await using;
      // Its failure was, or would have been, told by `sync`.
      await background?.settled().catch(() => undefined);
      await reader.close();
    }

    return {
      name,
      path,
      get size() {
        return size;
      },
      read: (start, end) => reader.read(start, end),
      write: (chunk) =>
        translated(failed, () =>
          use(async () => {
            if (broken !== undefined) throw broken.error;
            try {
              for (let from = 0; from < chunk.length; from += writeBytes) {
                const piece = chunk.subarray(from, from + writeBytes);
                await writeFile(fd, piece, size);
                size += piece.length;
              }
            } catch (error) {
              broken = { error };
              throw error;
            }
            background?.written(size);
          }),
        ),
      sync: () =>
        translated(failed, () =>
          use(async () => {
            try {
              await background?.settled();
              await syncFile(fd);
            } catch (error) {
              broken ??= { error };
              await removeFile(path).catch(() => undefined);
              throw error;
            }
          }),
        ),
      remove: () => translated("The file could not be removed", () => removeFile(path)),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  return {
    begin: () =>
      translated("The bytes could not be stored", async () => {
        const name = names.make();
        const fd = await openFile(join(folder, name), "begin");
        return growing(name, fd, inWords(share(name, await readable(fd))()));
      }),

    open: (name) =>
      translated(unreadable, async () => {
        if (!names.is(name)) return undefined;
        for (;;) {
          if ((await statFile(join(folder, name))) === undefined) return undefined;
          try {
            if (!shared.has(name)) await openOnce(name);
          } catch (error) {
            if (errnoOf(error) === "ENOENT") return undefined;
            throw error;
          }
          // Undefined: its last reader has closed it just now.
          const reader = shared.get(name);
          if (reader !== undefined) return inWords(reader());
        }
      }),

    sweep: (before) =>
      translated("Files that are left over could not be removed", async () => {
        let removed = 0;
        for await (const { name } of await opendir(folder)) {
          if (!names.is(name)) continue;
          const path = join(folder, name);
          const stats = await statFile(path);
          if (stats === undefined || stats.mtimeMs >= before) continue;
          await removeFile(path);
          removed++;
        }
        return removed;
      }),
  };
}
