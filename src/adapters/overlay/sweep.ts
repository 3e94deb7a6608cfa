import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { LayerId, Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";
import { emptyLayer, isPlainName, mountpointsLayer, temporaryPrefix, type Folders } from "./folders.ts";

/** Removes folders with all they have. What is still mounted below them stays as it is. */
export async function removeFolders(paths: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram("rm", ["-rf", "--one-file-system", "--", ...paths], {
    timeout: 600_000,
  });
  if (code !== 0)
    throw new AppError(
      "engine-failed",
      `files of the engine could not be removed: ${stderr.split("\n", 1)[0]?.replace(/^rm: /, "") ?? ""}`,
      { cause: new Error(stderr) },
    );
}

/** First out of its place, then bit by bit: a layer is there whole or not at all. */
export async function removeLayerFolder(folders: Folders, id: LayerId): Promise<void> {
  const going = join(folders.layers, `${temporaryPrefix}${id}-${process.hrtime.bigint()}`);
  try {
    await rename(folders.layer(id), going);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await removeFolders([going]);
}

/** What can't be removed stays, and is thrown when all the rest is gone. @param removeContainer unmounts too. */
export function createSweep(
  folders: Folders,
  removeContainer: (id: string) => Promise<void>,
): Snapshots["sweep"] {
  return async ({ layers, containers }) => {
    const ours: ReadonlySet<string> = new Set([...layers, mountpointsLayer, emptyLayer]);
    const loose = (await readdir(folders.layers)).filter((name) => !ours.has(name));
    let failure: { error: unknown } | undefined;
    const tried = (removal: Promise<void>) => removal.catch((error: unknown) => (failure = { error }));
    for (const name of loose) await tried(removeFolders([join(folders.layers, name)]));
    for (const id of await readdir(folders.containers)) {
      // What no engine can have made is nobody's to remove.
      if (!containers.has(id) && isPlainName(id)) await tried(removeContainer(id));
    }
    if (failure !== undefined) throw failure.error;
  };
}
