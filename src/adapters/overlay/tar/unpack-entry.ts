import type { TarEntry } from "#kit/tar/read-tar.ts";
import { innerPath } from "./inner-path.ts";
import { layerInvalid, shown } from "./layer-invalid.ts";

/** What is made of a tar's entry; `opaque` and `whiteout` are how overlayfs hides what lies below. */
export interface UnpackEntry {
  kind: "file" | "folder" | "symlink" | "link" | "char" | "block" | "fifo" | "whiteout" | "opaque";
  /** Below the root, see inner-path.ts. */
  path: string;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  nanoseconds: number;
  major: number;
  minor: number;
  size: number;
  /** A symlink's text as it stands; a hard link's path below the root. */
  target: string;
  xattrs: [name: string, value: string][];
}

const kinds: Readonly<Record<string, UnpackEntry["kind"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "folder",
  "6": "fifo",
};
/** 0xffffffff is chown's "leave it". */
const mostId = 0xfffffffe;
const whiteoutPrefix = ".wh.";
const metaPrefix = ".wh..wh.";

/**
 * What to make of an entry of a layer (`whiteouts`: names that begin with .wh. hide what is below; image-spec layer.md
 * "Whiteouts") or of a plain tar. Undefined: nothing (aufs' own files). Errors: layer-invalid.
 */
export function unpackEntry(entry: TarEntry, whiteouts: boolean): UnpackEntry | undefined {
  const kind = kinds[entry.type];
  if (kind === undefined)
    throw layerInvalid(`${shown(entry.name)} is of the unknown kind ${shown(entry.type)}`);
  if (entry.uid > mostId || entry.gid > mostId)
    throw layerInvalid(`${shown(entry.name)} has an owner that is out of range`);
  const made: UnpackEntry = {
    kind,
    path: innerPath(entry.name),
    mode: entry.mode & 0o7777,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    nanoseconds: entry.nanoseconds,
    major: kind === "char" || kind === "block" ? entry.major : 0,
    minor: kind === "char" || kind === "block" ? entry.minor : 0,
    size: kind === "file" ? entry.size : 0,
    target: targetOf(kind, entry),
    xattrs: [...entry.xattrs].filter(([name]) => name === "security.capability" || name.startsWith("user.")),
  };
  if (made.path === "" && kind !== "folder") throw layerInvalid("its root is no folder");
  if (made.major > 0xfff || made.minor > 0xfffff)
    throw layerInvalid(`${shown(entry.name)} has a device number that is out of range`);
  if (!whiteouts) return made;
  return hiding(made);
}

function targetOf(kind: UnpackEntry["kind"], entry: TarEntry): string {
  if (kind === "link") {
    const target = innerPath(entry.linkName);
    if (target === "") throw layerInvalid(`${shown(entry.name)} is a link to nothing`);
    return target;
  }
  if (kind !== "symlink") return "";
  if (entry.linkName === "" || entry.linkName.includes("\0") || entry.linkName.length > 4095)
    throw layerInvalid(`${shown(entry.name)} is a symbolic link that can't be made`);
  return entry.linkName;
}

function hiding(made: UnpackEntry): UnpackEntry | undefined {
  const parts = made.path.split("/");
  const last = parts.pop() ?? "";
  if (parts.some((part) => part.startsWith(metaPrefix))) return undefined;
  if (!last.startsWith(whiteoutPrefix)) return made;
  const folder = parts.join("/");
  const plain = { ...made, size: 0, target: "", xattrs: [] };
  if (last === ".wh..wh..opq") return { ...plain, kind: "opaque", path: folder };
  if (last.startsWith(metaPrefix)) return undefined;
  const name = last.slice(whiteoutPrefix.length);
  if (name === "" || name === "." || name === "..")
    throw layerInvalid(`the whiteout ${shown(made.path)} hides nothing that has a name`);
  return { ...plain, kind: "whiteout", path: folder === "" ? name : `${folder}/${name}` };
}
