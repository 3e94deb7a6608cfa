import { randomUUID } from "node:crypto";
import { chown, mkdir, opendir, readdir, realpath, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";
import { folderSize } from "./folder-size.ts";
import { mountsBelow } from "#kit/mounts-below.ts";
import { mountDevice, unmountBelow } from "./mounts.ts";

/** Nobody but the engine looks around in it; its content has its own rights. */
const outerMode = 0o701;
const contentMode = 0o755;
/** Names of volumes never begin with a dot. */
const trashPrefix = ".removed-";

/**
 * VolumeStore in one folder: `NAME/_data` holds a volume's content. A volume with options is a mount on it, made when it
 * is used first and kept until it is removed. Nothing is removed through a mount: they go first, or nothing does.
 * @param owner user and group of the folders that are made for containers: who root is in them.
 */
export function createLocalVolumes(root: string, owner = 0): VolumeStore {
  const outer = ({ name }: VolumeRecord) => join(root, name);
  const content = (volume: VolumeRecord) => join(outer(volume), "_data");

  async function discard(folder: string): Promise<void> {
    await unmountBelow(folder);
    const trash = join(root, `${trashPrefix}${randomUUID()}`);
    try {
      await rename(folder, trash);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      throw error;
    }
    await empty(trash);
  }

  /** By rm(1): what containers wrote may lie deeper than a path is long. */
  async function empty(trash: string): Promise<void> {
    const { code, stderr } = await runProgram("rm", ["-rf", "--one-file-system", "--", trash], {
      timeout: 600_000,
    });
    if (code === 0) return;
    const why = stderr.split("\n", 1)[0]?.replace(/^rm: /, "") ?? "";
    throw new AppError("engine-failed", `files of a removed volume are still there: ${why}`, {
      cause: new Error(stderr),
    });
  }

  return {
    path: content,
    make: (volume) =>
      told(`the volume ${volume.name} can't be made`, async () => {
        await mkdir(outer(volume), { recursive: true, mode: outerMode });
        const made = await mkdir(content(volume), { recursive: true, mode: contentMode });
        if (made !== undefined) await chown(content(volume), owner, owner);
        if (Object.keys(volume.options).length === 0) return;
        const path = content(volume);
        if (!(await mountsBelow(path)).includes(await realpath(path)))
          await mountDevice(path, volume.options);
      }),
    remove: (volume) => told(`the volume ${volume.name} can't be removed`, () => discard(outer(volume))),
    empty: (volume) => told(`the volume ${volume.name} can't be read`, () => isEmpty(content(volume))),
    size: (volume) => told(`the volume ${volume.name} can't be read`, () => folderSize(content(volume))),
    async hostPath(path) {
      try {
        return (await stat(path)).isDirectory() ? "folder" : "file";
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw failed(`${path} can't be looked at`, error);
      }
    },
    async realPath(path) {
      const missing: string[] = [];
      for (let at = path; ; at = dirname(at)) {
        try {
          return join(await realpath(at), ...missing);
        } catch (error) {
          if (!isAbsent(error) || at === dirname(at)) throw failed(`${path} can't be looked at`, error);
          missing.unshift(basename(at));
        }
      }
    },
    async makeHostFolder(path) {
      try {
        const made = await mkdir(path, { recursive: true, mode: contentMode });
        if (made === undefined || owner === 0) return;
        for (let at = path; at.length >= made.length; at = dirname(at)) await chown(at, owner, owner);
      } catch (error) {
        const why =
          codeOf(error) === "EEXIST" || codeOf(error) === "ENOTDIR"
            ? "a file is in its place"
            : codeOf(error);
        throw new AppError("engine-invalid", `error while creating mount source path '${path}': ${why}`, {
          cause: error,
        });
      }
    },
    sweep: (known) =>
      told("folders of removed volumes can't be removed", async () => {
        await mkdir(root, { recursive: true, mode: outerMode });
        let failure: { error: unknown } | undefined;
        for (const name of await readdir(root)) {
          if (known.has(name)) continue;
          const folder = join(root, name);
          await (name.startsWith(trashPrefix) ? empty(folder) : discard(folder)).catch((error: unknown) => {
            failure = { error };
          });
        }
        if (failure !== undefined) throw failure.error;
      }),
  };
}

async function isEmpty(folder: string): Promise<boolean> {
  await using entries = await opendir(folder);
  return (await entries.read()) === null;
}

/** Runs `work`; what the system says becomes engine-failed. */
async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? error : failed(what, error);
  }
}

function failed(what: string, cause: unknown): AppError {
  return new AppError("engine-failed", `${what}: ${codeOf(cause)}`, { cause });
}

function isAbsent(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "it failed";
}
