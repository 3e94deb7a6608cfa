import { rmSync } from "node:fs";
import { link, open, readdir, rename, rm, stat } from "node:fs/promises";
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

const draftName = /^\.berth-draft-[0-9a-f-]{36}(-journal|-wal|-shm)?$/;
/** Drafts that are older were left by a process that was killed. */
const forgottenAfter = 24 * 3600_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A draft in `folder`, gone with its disposal unless it was published, and when the process is asked to end.
 * Drafts that were forgotten there are removed. Throws what the file system says.
 */
export async function createDraft(folder: string): Promise<DraftFile> {
  await removeForgotten(folder);
  const path = join(folder, `.berth-draft-${uuid()}`);
  const made = await open(path, "wx", 0o600);
  await made.close();
  let published = false;
  const ended = (signal: NodeJS.Signals) => {
    rmSync(path, { force: true });
    listen("off");
    // What else goes on, such as a statement in a thread, needs no end of its own: nobody will see it.
    process.kill(process.pid, signal);
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
  for (const name of await readdir(folder)) {
    if (!draftName.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < Date.now() - forgottenAfter)
      await rm(path, { force: true }).catch(() => undefined);
  }
}
