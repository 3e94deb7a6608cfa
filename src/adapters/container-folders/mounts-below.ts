import { readFile } from "node:fs/promises";

/** Whether something is mounted in the folder (or on it). @param folder absolute, without symbolic links. */
export async function mountsBelow(folder: string): Promise<boolean> {
  // Fields: id, parent, device, root, mount point, … with blanks and backslashes as \ooo.
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines.some((line) => {
    const escaped = line.split(" ", 5)[4] ?? "";
    const path = escaped.includes("\\")
      ? escaped.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        )
      : escaped;
    return path === folder || path.startsWith(`${folder}/`);
  });
}
