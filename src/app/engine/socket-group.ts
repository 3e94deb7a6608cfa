import { readFile } from "node:fs/promises";

/** Whose members may use docker where it is installed, too. */
const usual = "docker";

/** The group of the socket: the one that was chosen, else `docker` where there is such a group; undefined: root's. */
export async function socketGroup(chosen: string | undefined): Promise<string | undefined> {
  if (chosen !== undefined) return chosen;
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  return groups.split("\n").some((line) => line.startsWith(`${usual}:`)) ? usual : undefined;
}
