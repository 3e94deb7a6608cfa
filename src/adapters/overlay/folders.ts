import { join } from "node:path";
import type { LayerId } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";

/** Where things lie in the engine's data folder. */
export interface Folders {
  layers: string;
  containers: string;
  layer(id: LayerId): string;
  container(id: string): ContainerParts;
}

export interface ContainerParts {
  folder: string;
  /** What the container wrote. */
  upper: string;
  /** overlayfs' own. */
  work: string;
  /** Where its root is mounted. */
  merged: string;
  /** Its layers, base first, one a line. */
  layers: string;
}

/**
 * The lowest folder of every mount: empty mountpoints for what the runtime puts into a root (/proc, /etc/hosts …).
 * Lowest, so that an image's own always win, and no change of the container, so that diff and commit don't show them.
 */
export const mountpointsLayer = ".init";
/** An empty folder: overlayfs wants two layers where nothing is writable. */
export const emptyLayer = ".none";
/** Folders under way or on their way out. */
export const temporaryPrefix = ".tmp-";

export function createFolders(data: string): Folders {
  const layers = join(data, "layers");
  const containers = join(data, "containers");
  return {
    layers,
    containers,
    layer: (id) => join(layers, plainName(id)),
    container(id) {
      const folder = join(containers, plainName(id));
      return {
        folder,
        upper: join(folder, "upper"),
        work: join(folder, "work"),
        merged: join(folder, "merged"),
        layers: join(folder, "layers"),
      };
    },
  };
}

/** As ids are that we make. */
export function isPlainName(id: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/.test(id);
}

/** An id that isn't a plain name would lead elsewhere. */
function plainName(id: string): string {
  if (!isPlainName(id)) throw new AppError("engine-invalid", `invalid id: ${id}`);
  return id;
}
