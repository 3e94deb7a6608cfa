import { readdir } from "node:fs/promises";
import { posix } from "node:path";
import type { IdRange } from "#core/engine/id-range.ts";
import type { MountedAt, PathStat, Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { containerPath, nameInTar } from "./container-path.ts";
import { fileMode } from "./file-mode.ts";
import { contentsProgram, readProgram, statProgram, writeProgram } from "./inside/path-programs.ts";
import { runInside, streamInside } from "./inside/run-inside.ts";
import { unpackProgram } from "./inside/unpack-program.ts";
import { wholeProgram } from "./inside/whole-program.ts";
import { shiftOwner } from "./shift-owner.ts";
import { decompress } from "./tar/decompress.ts";
import { entryFrames } from "./tar/entry-frames.ts";
import type { UnpackEntry } from "./tar/unpack-entry.ts";

export interface CopiesParts {
  /** Mounts the container's root (counted) as it was last. */
  mounted(container: string): Promise<string>;
  unmount(container: string): Promise<void>;
  mostEntries: number;
  ids: IdRange | undefined;
}

type Copies = Pick<Snapshots, "statPath" | "readPath" | "writePath" | "copyOut" | "exportRoot">;

/** Files in and out of a container's root. Names are looked up by the children of inside/, locked into that root. */
export function createCopies({ mounted, unmount, mostEntries, ids }: CopiesParts): Copies {
  async function within<T>(container: string, work: (root: string) => Promise<T>): Promise<T> {
    const root = await mounted(container);
    try {
      return await work(root);
    } finally {
      await unmount(container);
    }
  }

  async function* stream(container: string, program: string, args: (root: string) => string[]) {
    const root = await mounted(container);
    try {
      yield* streamInside(program, args(root), { ids });
    } finally {
      await unmount(container);
    }
  }

  async function statAt(root: string, mounts: readonly MountedAt[], path: string): Promise<PathStat> {
    const absolute = containerPath(path);
    const printed = await runInside(statProgram, [root, absolute, "", ...mountArgs(mounts)], { ids }).catch(
      notFoundAs(path),
    );
    const [size, mode, seconds, nanoseconds, linkTarget] = printed.toString("utf8").split("\0");
    return {
      name: nameInTar(absolute) || "/",
      size: Number(size),
      mode: fileMode(Number(mode)),
      mtime: goTime(Number(seconds), Number(nanoseconds)),
      linkTarget: linkTarget ?? "",
    };
  }

  return {
    statPath: (container, mounts, path) => within(container, (root) => statAt(root, mounts, path)),
    readPath: (container, mounts, path) =>
      within(container, async (root) => {
        const stat = await statAt(root, mounts, path);
        const absolute = containerPath(path);
        const args = (at: string) => [at, absolute, nameInTar(absolute), ...mountArgs(mounts)];
        return { stat, body: stream(container, readProgram, args) };
      }),
    writePath: (container, mounts, path, body, options) =>
      within(container, async (root) => {
        const { owner, keepOwner, readOnlyRoot = false, noOverwriteDirNonDir } = options;
        const each = (entry: UnpackEntry) => {
          if (owner !== undefined || !keepOwner) {
            entry.uid = owner?.uid ?? 0;
            entry.gid = owner?.gid ?? 0;
          }
          shiftOwner(entry, ids);
        };
        const flags = `${noOverwriteDirNonDir ? "k" : ""}${readOnlyRoot ? "r" : ""}`;
        const args = [root, posix.join("/", path), flags, ...mountArgs(mounts)];
        const input = entryFrames(decompress(body, "detect"), { whiteouts: false, mostEntries, each });
        await runInside(writeProgram, args, { input, ids }).catch(plainTar).catch(notFoundAs(path));
      }),
    copyOut: (container, path, target) =>
      within(container, async (root) => {
        if ((await readdir(target)).length > 0) return false;
        const at = posix.join("/", path);
        try {
          // With this machine's ids on both sides.
          const input = entryFrames(streamInside(contentsProgram, [root, at, ""]), {
            whiteouts: false,
            mostEntries,
          });
          await runInside(unpackProgram, [target], { input });
          return true;
        } catch (error) {
          if (error instanceof AppError && error.code === "engine-missing") return false;
          throw error;
        }
      }),
    exportRoot: (container) => Promise.resolve(stream(container, wholeProgram, (root) => [root])),
  };
}

function mountArgs(mounts: readonly MountedAt[]): string[] {
  return [...mounts]
    .sort((a, b) => a.destination.length - b.destination.length)
    .flatMap(({ source, destination, rw }) => [source, containerPath(destination), rw ? "1" : "0"]);
}

/** The child says what it looked for; the user is told what they typed. The service adds the container's name. */
function notFoundAs(path: string) {
  return (error: unknown): never => {
    if (error instanceof AppError && error.code === "engine-missing")
      throw new AppError("engine-missing", `Could not find the file ${path}`, { subject: path });
    throw error;
  };
}

/** What a user sends to be copied is no layer. */
function plainTar(error: unknown): never {
  if (error instanceof AppError && error.code === "layer-invalid")
    throw new AppError("engine-invalid", error.message, { cause: error });
  throw error;
}

/** Seconds of the years 1 and 9999: a file may be older or younger than there are texts for. */
const [first, last] = [-62_135_596_800, 253_402_300_799];

/** RFC 3339 as Go writes it: nanoseconds without the zeros at their end. */
function goTime(seconds: number, nanoseconds: number): string {
  const whole = new Date(Math.min(Math.max(seconds, first), last) * 1000).toISOString().slice(0, 19);
  const rest = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${rest === "" ? "" : `.${rest}`}Z`;
}
