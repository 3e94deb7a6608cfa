import { rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { LayerId } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { plainEnvironment, runProgram } from "#kit/run-program.ts";
import type { ContainerParts, Folders } from "./folders.ts";
import { writableOption } from "./mount-option.ts";

/** Containers' mounts, counted. */
export interface Mounts {
  mount(container: string, layers: readonly LayerId[], volatile: boolean): Promise<string>;
  unmount(container: string): Promise<void>;
  adopt(container: string): Promise<void>;
  /** Whatever the count. */
  unmountAll(container: string): Promise<void>;
}

// util-linux from 2.39 on uses a call that takes 256 bytes an option.
const environment = { ...plainEnvironment, LIBMOUNT_FORCE_MOUNT2: "always" };
const busyTries = 5;

export function createMounts(folders: Folders): Mounts {
  const counts = new Map<string, number>();
  const lock = createKeyedLock();

  function change(container: string, by: number): number {
    const count = Math.max(0, (counts.get(container) ?? 0) + by);
    if (count === 0) counts.delete(container);
    else counts.set(container, count);
    return count;
  }

  async function mountNow(container: string, layers: readonly LayerId[], volatile: boolean) {
    const parts = folders.container(container);
    const option = writableOption(container, layers, volatile);
    // A volatile mount leaves a mark that forbids the next one.
    const [mounted] = await Promise.all([
      isMounted(parts),
      rm(`${parts.work}/work/incompat/volatile`, { recursive: true, force: true }),
    ]);
    if (mounted) return;
    const end = await runProgram("mount", ["-t", "overlay", "berth", "-o", option, parts.merged], {
      cwd: folders.layers,
      env: environment,
    });
    if (end.code === 0) return;
    throw new AppError("engine-failed", `the root of container ${container} could not be mounted`, {
      cause: new Error(end.stderr.trim()),
    });
  }

  async function unmountNow(container: string) {
    const parts = folders.container(container);
    for (let tries = 1; await isMounted(parts); tries++) {
      // A mount that stays busy goes when its last user does.
      const lazy = tries > busyTries ? ["-l"] : [];
      const end = await runProgram("umount", [...lazy, parts.merged]);
      if (end.code === 0) continue;
      if (tries > busyTries)
        throw new AppError("engine-failed", `the root of container ${container} could not be unmounted`, {
          cause: new Error(end.stderr.trim()),
        });
      await sleep(20 * tries);
    }
  }

  return {
    mount: (container, layers, volatile) =>
      lock.run(container, async () => {
        if (!counts.has(container)) await mountNow(container, layers, volatile);
        change(container, 1);
        return folders.container(container).merged;
      }),
    unmount: (container) =>
      lock.run(container, async () => {
        if (change(container, -1) === 0) await unmountNow(container);
      }),
    adopt: (container) =>
      lock.run(container, async () => {
        if (!counts.has(container) && (await isMounted(folders.container(container)))) change(container, 1);
      }),
    unmountAll: (container) =>
      lock.run(container, async () => {
        counts.delete(container);
        await unmountNow(container);
      }),
  };
}

/** A mount is another file system than the folder it stands in: cheaper to ask than the list of all mounts. */
async function isMounted(parts: ContainerParts): Promise<boolean> {
  const devices = await Promise.all([device(parts.merged), device(parts.folder)]);
  return devices[0] !== undefined && devices[0] !== devices[1];
}

async function device(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).dev;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
