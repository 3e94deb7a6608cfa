import { readFile, realpath } from "node:fs/promises";

/** Mount points at or below a folder, in the order in which they were mounted. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const real = await realpath(folder).catch(() => folder);
  // Fields: id, parent, device, root, mount point, … with blanks and backslashes as \\ooo.
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .map((line) => unescape(line.split(" ", 5)[4] ?? ""))
    .filter((point) => point === real || point.startsWith(`${real}/`));
}

function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
