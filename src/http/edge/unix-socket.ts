import { chmod, chown, lstat, mkdir, readFile, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { AppError } from "#core/errors.ts";

export interface UnixAddress {
  /** Absolute. */
  path: string;
  /** Who may connect; by default 0660. */
  mode?: number | undefined;
  /** Name or number of the group that the socket gets; by default this process' own. */
  group?: string | number | undefined;
}

/** What the kernel takes, in bytes. unix(7) */
const longestPath = 107;
const usualMode = 0o660;

/**
 * Makes `server` listen at a path, which nobody but this user can reach before its group and mode are as they should
 * be. A socket that nobody answers is replaced. Throws unavailable: somebody answers there, it is something else, the
 * group doesn't exist, or the system refuses.
 */
export async function listenAtPath(server: Server, address: UnixAddress, backlog: number): Promise<void> {
  const { path, mode = usualMode } = address;
  if (Buffer.byteLength(path) > longestPath)
    throw unableTo(path, `the path has more than ${longestPath} bytes; choose a shorter one`);
  const group = address.group === undefined ? undefined : await groupNumber(path, address.group);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeLeft(path);
    await bind(server, path, backlog);
    if (group !== undefined) await chown(path, -1, group);
    await chmod(path, mode);
  } catch (error) {
    if (error instanceof AppError) throw error;
    server.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EACCES" || code === "EPERM" ? "this user may not; run it as root" : message;
    throw unableTo(path, why, error);
  }
}

function bind(server: Server, path: string, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Node binds before `listen` returns, so the socket is there with this mask and no other.
    const before = process.umask(0o177);
    try {
      server.listen({ path, backlog }, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

async function removeLeft(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket())
    throw unableTo(path, "there is something else at this path; remove it or choose another");
  if (await answers(path))
    throw unableTo(path, "another program listens there; end it, or choose another path");
  await unlink(path).catch(() => undefined);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

async function groupNumber(path: string, group: string | number): Promise<number> {
  if (/^\d+$/.test(String(group))) return Number(group);
  const text = await readFile("/etc/group", "utf8").catch(() => "");
  const line = text.split("\n").find((one) => one.startsWith(`${group}:`));
  const number = Number(line?.split(":")[2] ?? Number.NaN);
  if (Number.isInteger(number)) return number;
  throw unableTo(path, `there is no group ${group}; add it (groupadd -r ${group}) or name another`);
}

function unableTo(path: string, why: string, cause?: unknown): AppError {
  return new AppError("unavailable", `cannot listen on unix://${path}: ${why}`, { cause });
}
