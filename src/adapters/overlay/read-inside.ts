import { constants } from "node:fs";
import { open, readlink, type FileHandle } from "node:fs/promises";
import { AppError } from "#core/errors.ts";

/** Opens a name without reading it, following it or waking what is behind it; Linux's value on x86-64 and arm64. */
const O_PATH = 0o10000000;
const mostLinks = 40;

/**
 * A file below `root`, links followed inside only, also while a container changes them: each step is taken from the
 * folder that the step before has opened. Undefined: there is none. No child process: it is on each start's way.
 * @param most bytes; a larger file is engine-invalid, as is what is no regular file.
 */
export async function readInside(root: string, path: string, most: number): Promise<Uint8Array | undefined> {
  const walked: FileHandle[] = [];
  try {
    const found = await walk(root, path, walked);
    if (found === undefined) return undefined;
    const facts = await found.stat();
    if (!facts.isFile()) throw new AppError("engine-invalid", `${path} is not a regular file`);
    if (facts.size > most) throw new AppError("engine-invalid", `${path} is larger than ${most} bytes`);
    await using file = await open(throughFd(found), constants.O_RDONLY);
    return await readUpTo(file, path, most);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  } finally {
    await Promise.all(walked.map((handle) => handle.close()));
  }
}

async function walk(root: string, path: string, walked: FileHandle[]): Promise<FileHandle | undefined> {
  const step = async (from: string, flags: number) => {
    const handle = await open(from, O_PATH | flags);
    walked.push(handle);
    return handle;
  };
  const top = await step(root, constants.O_DIRECTORY);
  const names = partsOf(path);
  let stack = [top];
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const at = stack.at(-1) ?? top;
    if (name === "..") {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const next = await step(`${throughFd(at)}/${name}`, constants.O_NOFOLLOW);
    if (!(await next.stat()).isSymbolicLink()) {
      stack.push(next);
      continue;
    }
    if (++links > mostLinks) throw new AppError("engine-invalid", `${path}: too many links`);
    const target = await readlink(`${throughFd(at)}/${name}`).catch(sinceChanged);
    if (target === undefined) {
      names.unshift(name);
      continue;
    }
    if (target.startsWith("/")) stack = [top];
    names.unshift(...partsOf(target));
  }
  return stack.at(-1);
}

/** A link a moment ago; now something else stands there, or nothing. */
function sinceChanged(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "EINVAL" && error.code !== "ENOENT") throw error;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function throughFd(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function readUpTo(file: FileHandle, path: string, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(64 * 1024, most + 1)));
    if (bytesRead === 0) return Buffer.concat(chunks);
    bytes += bytesRead;
    if (bytes > most) throw new AppError("engine-invalid", `${path} is larger than ${most} bytes`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}
