import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** Of statfs(2). */
const overlayType = 0x794c7630;

/** Whether a folder, or the one that it will be made in, is of an overlayfs: none of the engine's can be mounted there. */
export async function liesOnOverlayfs(folder: string): Promise<boolean> {
  try {
    return (await statfs(folder)).type === overlayType;
  } catch {
    return folder !== dirname(folder) && liesOnOverlayfs(dirname(folder));
  }
}
