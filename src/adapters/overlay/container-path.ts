import { posix } from "node:path";

/**
 * A path as a user typed it, absolute and plain; a "/" or "/." at its end stays, as in docker's archive calls: with it
 * a link that stands last is followed, and must lead to a folder.
 */
export function containerPath(path: string): string {
  const plain = posix.join("/", path).replace(/(?<=.)\/$/, "");
  if (path.endsWith("/.") || path === ".") return plain === "/" ? "/." : `${plain}/.`;
  return path.endsWith("/") && plain !== "/" ? `${plain}/` : plain;
}

/** The name that what stands there has in a tar: Go's filepath.Base, "" for the root. */
export function nameInTar(absolute: string): string {
  return absolute === "/" ? "" : (absolute.replace(/\/+$/, "").split("/").pop() ?? "");
}
