import { readFile, realpath } from "node:fs/promises";
import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";

/** Mount points at or below a folder, the deepest last. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const real = await realpath(folder).catch(() => folder);
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .map((line) => unescape(line.split(" ")[4] ?? ""))
    .filter((point) => point === real || point.startsWith(`${real}/`));
}

/** Throws engine-failed when one of them is still in use. */
export async function unmountBelow(folder: string): Promise<void> {
  const points = await mountsBelow(folder);
  for (const point of points.reverse()) {
    const { code, stderr } = await runProgram("umount", ["--", point]);
    if (code !== 0) throw new AppError("engine-failed", `failed to unmount ${point}: ${stderr.trim()}`);
  }
}

/** Mounts what a volume's options say at `path`. Throws engine-failed with mount's words. */
export async function mountDevice(path: string, options: Readonly<Record<string, string>>): Promise<void> {
  const { type = "", o = "", device = "" } = options;
  const args = [...(type === "" ? [] : ["-t", type]), ...(o === "" ? [] : ["-o", o]), "--", device, path];
  const { code, stderr } = await runProgram("mount", args);
  if (code === 0) return;
  throw new AppError(
    "engine-failed",
    `error while mounting volume '${path}': failed to mount local volume: mount ${device}:${path}: ${stderr.trim()}`,
  );
}

/** Spaces and the like stand there as three octal digits. */
function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return bytes;
}
