import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One file of a cgroup without its last newline. Undefined: this kernel or this controller doesn't have it. */
export async function readControl(folder: string, file: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, file), "latin1")).trimEnd();
  } catch {
    return undefined;
  }
}

/** `max` and what isn't there: 0. */
export async function readNumber(folder: string, file: string): Promise<number> {
  return Number.parseInt((await readControl(folder, file)) ?? "0", 10) || 0;
}

/** Lines `name value` as numbers. */
export async function readFlat(folder: string, file: string): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const line of ((await readControl(folder, file)) ?? "").split("\n")) {
    const [name = "", value = ""] = line.split(" ");
    if (value !== "") values[name] = Number(value);
  }
  return values;
}

export async function writeControl(folder: string, file: string, value: string): Promise<void> {
  await writeFile(join(folder, file), value, { flag: "r+" });
}

/** Host pids of a cgroup and of those below it. */
export async function membersOf(folder: string): Promise<number[]> {
  const own = ((await readControl(folder, "cgroup.procs")) ?? "").split("\n").filter((line) => line !== "");
  const pids = own.map(Number);
  for (const below of await foldersIn(folder)) pids.push(...(await membersOf(join(folder, below))));
  return pids;
}

export async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}
