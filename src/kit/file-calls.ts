import fs from "node:fs";

/**
 * The few calls of node:fs that stores of blobs make, as promises. Callbacks on plain descriptors cost less
 * than FileHandle objects. A descriptor must not be closed while another call on it is under way: the call
 * could still be queued and would then hit whatever file got the number next.
 */
type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

function promised<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null || error === undefined) resolve(value);
      else reject(error);
    });
  });
}

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
const openFlags = {
  read: O_RDONLY,
  /** Read and write what is there. */
  change: O_RDWR,
  /** Write, made when it isn't there. */
  write: O_WRONLY | O_CREAT,
  /** Read and write a file that must be new. */
  begin: O_RDWR | O_CREAT | O_EXCL,
  /** Write what is there, past the page cache. Systems without it answer EINVAL, or ignore it. */
  direct: O_WRONLY | ((fs.constants as { O_DIRECT?: number }).O_DIRECT ?? 0),
  /** Write a file that must be new. */
  create: O_WRONLY | O_CREAT | O_EXCL,
};

export function openFile(path: string, mode: keyof typeof openFlags): Promise<number> {
  return promised((done) => fs.open(path, openFlags[mode], 0o600, done));
}

export function closeFile(fd: number): Promise<void> {
  return promised<void>((done) => fs.close(fd, done));
}

export function syncFile(fd: number): Promise<void> {
  // fdatasync is enough for a new or cut file: it flushes what reading the data back needs, and that
  // includes the size and the block map. Only times may lag. (Where a system has none, libuv calls fsync.)
  return promised<void>((done) => fs.fdatasync(fd, done));
}

export function cutFile(fd: number, size: number): Promise<void> {
  return promised<void>((done) => fs.ftruncate(fd, size, done as fs.NoParamCallback));
}

export function readFile(
  fd: number,
  into: Buffer,
  at: number,
  length: number,
  from: number,
): Promise<number> {
  return promised((done) => fs.read(fd, into, at, length, from, done));
}

/** Size of an open file. Synchronous: the inode of an open file is in memory, a trip to a thread costs more. */
export function sizeOf(fd: number): number {
  return fs.fstatSync(fd).size;
}

/** Writes all of `bytes` at `offset`; goes on after short writes, so that the second try meets the error. */
export async function writeFile(fd: number, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const from = done;
    const written = await promised<number>((tell) =>
      fs.write(fd, bytes, from, bytes.length - from, offset + from, tell),
    );
    if (written === 0) throw new Error("the system wrote nothing and gave no reason");
    done += written;
  }
}

export function renameFile(from: string, to: string): Promise<void> {
  return promised<void>((done) => fs.rename(from, to, done));
}

/** Removes a file; nothing there is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await promised<void>((done) => fs.unlink(path, done));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/**
 * Undefined when there is nothing. Asked at once, without a thread: every HEAD of a blob comes here, the
 * answer is in the file system's memory nearly always, and a trip to the pool costs several times as much.
 */
export async function statFile(path: string): Promise<fs.Stats | undefined> {
  return fs.statSync(path, { throwIfNoEntry: false });
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
