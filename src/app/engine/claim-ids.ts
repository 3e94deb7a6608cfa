import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { IdRange } from "#core/engine/id-range.ts";
import type { EngineRecords } from "#core/engine/records.ts";
import { AppError } from "#core/errors.ts";

/**
 * Notes in the engine's data folder which ids of this machine its files have, or sees that they are those: layers,
 * containers and volumes belong to them. More of them may be given later, and others while the folder holds nothing.
 * Throws unavailable. Root in containers must be able to pass each folder above, too.
 */
export async function claimIds(
  folder: string,
  records: EngineRecords,
  ids: IdRange | undefined,
): Promise<void> {
  const file = join(folder, "userns-remap");
  const noted = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "off\n";
    throw error;
  });
  const wanted = ids === undefined ? "off" : `${ids.first}:${ids.count}`;
  if (noted.trim() !== wanted) {
    if (!isMoreOf(noted.trim(), ids) && !(await isUnused(records)))
      throw new AppError(
        "unavailable",
        `engine.userns_remap is ${wanted}, but the files in ${folder} were made with ${noted.trim()}: set it back, ` +
          "or remove all containers, images and volumes first, or name another folder as engine.data " +
          "(images are pulled again; copy what volumes hold)",
      );
    await writeFile(file, `${wanted}\n`, { mode: 0o644, flush: true });
  }
  if (ids !== undefined) await checkPassable(folder);
}

function isMoreOf(noted: string, ids: IdRange | undefined): boolean {
  const [first, count] = noted.split(":").map(Number);
  return ids !== undefined && first === ids.first && count !== undefined && count <= ids.count;
}

/** Layers that no image has any more are swept before anything is done with them. */
async function isUnused({ images, containers, volumes }: EngineRecords): Promise<boolean> {
  const all = await Promise.all([images.all(), containers.all(), volumes.all()]);
  return all.every((records) => records.length === 0);
}

async function checkPassable(folder: string): Promise<void> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) !== 0) continue;
    throw new AppError(
      "unavailable",
      `engine.userns_remap: root in containers can't pass the folder ${at}, and their files lie below it: ` +
        `chmod o+x ${at}, or name another folder as engine.data`,
    );
  }
}
