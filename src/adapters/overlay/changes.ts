import type { IdRange } from "#core/engine/id-range.ts";
import type { Change, LayerId, Snapshots } from "#core/engine/snapshots.ts";
import type { ContainerParts, Folders } from "./folders.ts";
import { changesProgram } from "./inside/changes-program.ts";
import { diffProgram } from "./inside/diff-program.ts";
import { runInside, streamInside } from "./inside/run-inside.ts";
import { sizeProgram } from "./inside/size-program.ts";
import { viewOption } from "./mount-option.ts";

export interface ChangesParts {
  folders: Folders;
  layersOf(container: string): Promise<LayerId[]>;
  ids: IdRange | undefined;
}

const kinds: Readonly<Record<string, Change["kind"]>> = { A: "added", C: "changed", D: "removed" };

/** What a container's writable part adds to its image. Mounted or not: only the part itself is looked at. */
export function createChanges(parts: ChangesParts): Pick<Snapshots, "changes" | "diff" | "usage"> {
  const { folders, layersOf, ids } = parts;
  const sizes = new Map<LayerId, number>();

  async function programArgs(container: string): Promise<string[]> {
    const { upper, merged }: ContainerParts = folders.container(container);
    return [folders.layers, viewOption(await layersOf(container)), merged, upper];
  }

  async function sizeOf(folder: string): Promise<number> {
    return Number((await runInside(sizeProgram, [folder])).toString());
  }

  async function sizeOfLayer(id: LayerId): Promise<number> {
    const known = sizes.get(id);
    if (known !== undefined) return known;
    const size = await sizeOf(folders.layer(id));
    sizes.set(id, size);
    return size;
  }

  return {
    async changes(container) {
      const listed = await runInside(changesProgram, await programArgs(container));
      const changes = listed
        .toString("utf8")
        .split("\0")
        .filter((line) => line !== "")
        .map((line): Change => ({ kind: kinds[line.charAt(0)] ?? "changed", path: line.slice(1) }));
      return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    },
    async diff(container) {
      return streamInside(diffProgram, await programArgs(container), { ids });
    },
    async usage(container) {
      const writable = await sizeOf(folders.container(container).upper);
      let root = writable;
      for (const id of await layersOf(container)) root += await sizeOfLayer(id);
      return { writable, root };
    },
  };
}
