import { layerInvalid, shown } from "./layer-invalid.ts";

/**
 * A tar's name as a path below the root it is unpacked into: no leading slash, no "." and ".."; "" is the root itself.
 * A name that wants out of the root is refused, as is one that no file can have.
 */
export function innerPath(name: string): string {
  if (name.includes("\0")) throw layerInvalid(`the name ${shown(name)} has a NUL in it`);
  if (name.length > 4095) throw layerInvalid(`the name ${shown(name)} is too long`);
  const kept: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.pop() === undefined) throw layerInvalid(`the name ${shown(name)} leads out of the root`);
    if (part.length > 255) throw layerInvalid(`the name ${shown(name)} is too long`);
  }
  return kept.join("/");
}
