import { chown, mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import type { IdRange } from "#core/engine/id-range.ts";
import type { LayerId, Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { createChanges } from "./changes.ts";
import { createCopies } from "./copies.ts";
import { createFolders } from "./folders.ts";
import { makeMountpointsLayer } from "./mountpoints-layer.ts";
import { createMounts } from "./mounts.ts";
import { onceEach } from "./once-each.ts";
import { readInside } from "./read-inside.ts";
import { createSweep, removeFolders, removeLayerFolder } from "./sweep.ts";
import { createUnpack } from "./unpack.ts";
import { standardLimits, type UnpackLimits } from "./unpack-limits.ts";

export interface OverlayParts {
  /** The engine's data folder, absolute. On a file system that overlayfs can write to. */
  folder: string;
  limits?: Partial<UnpackLimits>;
  /**
   * Owners on disk are shifted by the first of these, and shifted back in whatever leaves as a tar; a folder must always
   * be opened with the same first one. Not by mounts that do it (overlayfs takes those from kernel 5.19 on only).
   */
  ids?: IdRange | undefined;
}

/**
 * Root file systems on overlayfs. Owns `layers/` and each container's `upper`, `work`, `merged` and `layers`; decides
 * nothing about who needs them. Nothing that a tar or a container names is looked up from here: children that have
 * made that root their own do it (inside/).
 */
export async function createOverlay({ folder, limits, ids }: OverlayParts): Promise<Snapshots> {
  const folders = createFolders(folder);
  const allowed = { ...standardLimits, ...limits };
  await mkdir(folders.layers, { recursive: true, mode: 0o710 });
  await mkdir(folders.containers, { recursive: true, mode: 0o710 });
  await makeMountpointsLayer(folders.layers, ids?.first);
  const mounts = createMounts(folders);

  async function layersOf(container: string): Promise<LayerId[]> {
    try {
      const text = await readFile(folders.container(container).layers, "utf8");
      return text.split("\n").filter((line) => line !== "") as LayerId[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new AppError("engine-failed", `container ${container} has no root file system`, { cause: error });
    }
  }

  async function mounted(container: string): Promise<string> {
    return mounts.mount(container, await layersOf(container), false);
  }

  async function removeContainer(container: string): Promise<void> {
    const { folder: own, upper, work, merged, layers } = folders.container(container);
    await mounts.unmountAll(container);
    await removeFolders([upper, work, merged, layers]);
    // Others keep files in there too: the last one out takes it along.
    await rmdir(own).catch(() => undefined);
  }

  return {
    unpack: onceEach(createUnpack(folders, allowed, ids)),
    removeLayer: (id) => removeLayerFolder(folders, id),
    sweep: createSweep(folders, removeContainer),
    async prepare(container, layers) {
      const parts = folders.container(container);
      await mkdir(parts.folder, { recursive: true, mode: 0o710 });
      await Promise.all([
        mkdir(parts.upper, { mode: 0o755 }),
        mkdir(parts.work, { mode: 0o700 }),
        mkdir(parts.merged, { mode: 0o700 }),
        writeFile(parts.layers, `${layers.join("\n")}\n`),
      ]);
      // Of the writable part: it is the root's own.
      if (ids !== undefined) await chown(parts.upper, ids.first, ids.first);
    },
    mount: (container, layers, options) => mounts.mount(container, layers, options?.volatile ?? false),
    unmount: mounts.unmount,
    adopt: mounts.adopt,
    remove: removeContainer,
    ...createChanges({ folders, layersOf, ids }),
    ...createCopies({ mounted, unmount: mounts.unmount, mostEntries: allowed.entries, ids }),
    async readFile(container, path, most) {
      const root = await mounted(container);
      try {
        return await readInside(root, path, most);
      } finally {
        await mounts.unmount(container);
      }
    },
  };
}
