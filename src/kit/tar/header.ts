import { TarFault } from "./tar-fault.ts";

/** A tar's header block as it stands. Names are bytes, one to a character (latin1): file names are no text. */
export interface TarHeader {
  name: string;
  type: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  linkName: string;
  major: number;
  minor: number;
}

export const blockSize = 512;

/** Undefined: a block of zeros, which ends a tar. Formats: v7, ustar, GNU. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  const sum = checksum(block);
  if (sum.unsigned === 8 * 0x20 && block.every((byte) => byte === 0)) return undefined;
  const stated = number(block, 148, 8, "checksum");
  if (stated !== sum.unsigned && stated !== sum.signed)
    throw new TarFault("it is not a tar archive: a header's checksum is wrong");
  const magic = block.toString("latin1", 257, 263);
  const posix = magic === "ustar\0";
  const known = posix || magic === "ustar ";
  const prefix = posix ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] ?? 0),
    mode: number(block, 100, 8, "mode"),
    uid: number(block, 108, 8, "owner"),
    gid: number(block, 116, 8, "group"),
    size: number(block, 124, 12, "size"),
    mtime: time(block),
    linkName: text(block, 157, 100),
    major: known ? number(block, 329, 8, "device number") : 0,
    minor: known ? number(block, 337, 8, "device number") : 0,
  };
}

function text(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from);
  return block.toString("latin1", from, end < 0 || end > from + length ? from + length : end);
}

/** Octal digits, or (GNU) a big-endian number whose first bit says so. */
function number(block: Buffer, from: number, length: number, what: string): number {
  const first = block[from] ?? 0;
  if ((first & 0x80) !== 0) {
    if ((first & 0x40) !== 0) throw new TarFault(`a header's ${what} is negative`);
    let value = BigInt(first & 0x3f);
    for (let i = from + 1; i < from + length; i++) value = (value << 8n) | BigInt(block[i] ?? 0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new TarFault(`a header's ${what} is out of range`);
    return Number(value);
  }

  const digits = block.toString("latin1", from, from + length).replace(/^[ \0]+|[ \0][^]*$/g, "");
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits))
    throw new TarFault(`it is not a tar archive: a header's ${what} is no number`);
  return Number.parseInt(digits, 8);
}

/** Times before 1970 and absurd ones become 1970, as docker has it. */
function time(block: Buffer): number {
  return ((block[136] ?? 0) & 0xc0) === 0xc0 ? 0 : number(block, 136, 12, "time");
}

function checksum(block: Buffer): { unsigned: number; signed: number } {
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i] ?? 0;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return { unsigned, signed };
}
