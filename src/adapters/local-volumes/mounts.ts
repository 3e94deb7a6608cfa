import { AppError } from "#core/errors.ts";
import { mountsBelow } from "#kit/mounts-below.ts";
import { runProgram } from "#kit/run-program.ts";

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
