import type { UnpackEntry } from "./unpack-entry.ts";

const letters: Readonly<Record<UnpackEntry["kind"], string>> = {
  file: "f",
  folder: "d",
  symlink: "l",
  link: "h",
  char: "c",
  block: "b",
  fifo: "p",
  whiteout: "w",
  opaque: "o",
};

/**
 * An entry for the unpacking child (inside/unpack-program.ts), a file's bytes follow it. Big-endian: length of the
 * rest, then letter, mode, uid, gid, seconds (64 bits), nanoseconds, major, minor, size (64 bits), path, target, and
 * name and value of each xattr; texts with their length before them.
 */
export function entryFrame(entry: UnpackEntry): Buffer {
  const texts = [entry.path, entry.target, ...entry.xattrs.flat()];
  const length = 45 + texts.reduce((sum, text) => sum + 4 + text.length, 0);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  frame.write(letters[entry.kind], 4, "latin1");
  frame.writeUInt32BE(entry.mode, 5);
  frame.writeUInt32BE(entry.uid, 9);
  frame.writeUInt32BE(entry.gid, 13);
  frame.writeBigInt64BE(BigInt(entry.mtime), 17);
  frame.writeUInt32BE(entry.nanoseconds, 25);
  frame.writeUInt32BE(entry.major, 29);
  frame.writeUInt32BE(entry.minor, 33);
  frame.writeBigUInt64BE(BigInt(entry.size), 37);
  frame.writeUInt32BE(0, 45);
  let at = 49;
  for (const text of texts) {
    frame.writeUInt32BE(text.length, at);
    frame.write(text, at + 4, "latin1");
    at += 4 + text.length;
  }
  return frame;
}

/** Ends the entries: without it what the child has unpacked counts as cut off. */
export const lastFrame: Buffer = Buffer.alloc(4);
