import { createHash } from "node:crypto";
import { readlinkSync, rmSync } from "node:fs";
import { link, open, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { uuid } from "./uuid.ts";

/** A file that gets its name when it is complete, so that nothing half-written ever has it. */
export interface DraftFile extends AsyncDisposable {
  /** An empty file, 0600, in the folder that it is for. */
  readonly path: string;
  /**
   * Makes the draft durable under its name. Without `replace` throws EEXIST when the name is taken, also when
   * somebody took it just now.
   */
  publish(target: string, replace: boolean): Promise<void>;
}

/** With the mark of the machine and the process that made it, or neither. */
const draftName = /^\.berth-draft-(?:(?<mark>[0-9a-f]{8})-(?<pid>\d+)-)?[0-9a-f-]{36}(-journal|-wal|-shm)?$/;
/** Drafts that are older were left by a process that was killed, or of another machine. */
const forgottenAfter = 24 * 3600_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Where process ids mean the same as here: this machine, and in it this container. */
function markOfPids(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Not Linux.
  }
  return createHash("sha256").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 8);
}

/**
 * A draft in `folder`, gone with its disposal unless it was published, and when the process is asked to end.
 * Drafts that were forgotten there are removed. Throws what the file system says.
 */
export async function createDraft(folder: string): Promise<DraftFile> {
  await removeForgotten(folder);
  const path = join(folder, `.berth-draft-${markOfPids()}-${process.pid}-${uuid()}`);
  const made = await open(path, "wx", 0o600);
  await made.close();
  let published = false;
  const ended = (signal: NodeJS.Signals) => {
    rmSync(path, { force: true });
    listen("off");
    // What else goes on, such as a statement in a thread, needs no end of its own: nobody will see it. Where somebody
    // else listens, the end is theirs.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const listen = (how: "on" | "off") => signals.forEach((signal) => process[how](signal, ended));
  listen("on");
  return {
    path,
    async publish(target, replace) {
      const file = await open(path, "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      if (replace) await rename(path, target);
      else await giveName(path, target);
      published = true;
      await syncFolder(dirname(target));
    },
    async [Symbol.asyncDispose]() {
      listen("off");
      if (!published) await rm(path, { force: true });
    },
  };
}

async function giveName(path: string, target: string): Promise<void> {
  try {
    await link(path, target);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw error;
    // A file system without links: then a look has to do.
    if (await exists(target)) throw Object.assign(new Error(`${target} is there`), { code: "EEXIST" });
    await rename(path, target);
    return;
  }
  await rm(path, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Network file systems that know no such thing.
    if (!["EINVAL", "ENOTSUP", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

async function removeForgotten(folder: string): Promise<void> {
  const here = markOfPids();
  for (const name of await readdir(folder)) {
    const match = draftName.exec(name);
    if (match === null) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    const forsaken = match.groups?.["mark"] === here && !isAlive(Number(match.groups["pid"]));
    if (found !== undefined && (forsaken || found.mtimeMs < Date.now() - forgottenAfter))
      await rm(path, { force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
