import { createByteReader, type ByteReader } from "./byte-reader.ts";
import { blockSize, parseHeader, type TarHeader } from "./header.ts";
import { parsePaxRecords } from "./pax-records.ts";
import { TarFault } from "./tar-fault.ts";

export interface TarEntry extends TarHeader {
  /** Fraction of `mtime`. */
  nanoseconds: number;
  xattrs: Map<string, string>;
  /** Bytes of `size` in pieces; what isn't read of it is passed over. */
  content: AsyncIterable<Buffer>;
}

/** Longest extended header or long name that is held in memory. */
const mostExtension = 1024 * 1024;
const sparse = "it holds a sparse file";
const bodiless = new Set(["1", "2", "3", "4", "5", "6"]);

/**
 * The entries of a tar in their order, extensions (pax, GNU long names, numbers in base 256) applied. Reads the source
 * to its end, past the tar's own. Sparse files are refused: no layer has them. Leaving it leaves the source. Throws TarFault.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = createByteReader(source, () => new TarFault("it ends in the middle of an entry"));
  try {
    yield* entriesOf(reader);
    // To the end of what may come behind it: its sender would be cut off.
    while ((await reader.next(Number.MAX_SAFE_INTEGER)) !== undefined);
  } finally {
    await reader.close();
  }
}

async function* entriesOf(reader: ByteReader): AsyncGenerator<TarEntry> {
  let records = new Map<string, string>();
  let longName: string | undefined;
  let longLink: string | undefined;
  for (;;) {
    const block = await reader.exactly(blockSize);
    const header = block === undefined ? undefined : parseHeader(block);
    if (header === undefined) return;
    switch (header.type) {
      case "x":
        records = parsePaxRecords(await extension(reader, header.size));
        continue;
      case "g":
        await extension(reader, header.size);
        continue;
      case "L":
        longName = upToNul(await extension(reader, header.size));
        continue;
      case "K":
        longLink = upToNul(await extension(reader, header.size));
        continue;
    }
    if (header.type === "S") throw new TarFault(sparse);
    if (longName !== undefined) header.name = longName;
    if (longLink !== undefined) header.linkName = longLink;
    const body = createBody(reader);
    const entry = { ...header, nanoseconds: 0, xattrs: new Map<string, string>(), content: body.pieces };
    apply(records, entry);
    if (entry.type === "\0" && entry.name.endsWith("/")) entry.type = "5";
    if (bodiless.has(entry.type)) entry.size = 0;
    body.expect(entry.size);
    yield entry;
    await body.pass();
    records = new Map();
    longName = longLink = undefined;
  }
}

function createBody(reader: ByteReader) {
  let left = 0;
  let padding = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    while (left > 0) {
      const piece = await reader.next(left);
      if (piece === undefined) throw new TarFault("it ends in the middle of a file");
      left -= piece.length;
      yield piece;
    }
  }
  return {
    pieces: { [Symbol.asyncIterator]: pieces },
    expect(size: number) {
      left = size;
      padding = (blockSize - (size % blockSize)) % blockSize;
    },
    async pass() {
      left += padding;
      padding = 0;
      while (left > 0) {
        const piece = await reader.next(left);
        if (piece === undefined) throw new TarFault("it ends in the middle of a file");
        left -= piece.length;
      }
    },
  };
}

async function extension(reader: ByteReader, size: number): Promise<Buffer> {
  if (size > mostExtension) throw new TarFault("an extended header is larger than 1 MiB");
  if (size === 0) return Buffer.alloc(0);
  const padded = await reader.exactly(Math.ceil(size / blockSize) * blockSize);
  if (padded === undefined) throw new TarFault("it ends in the middle of an extended header");
  return padded.subarray(0, size);
}

function upToNul(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString("latin1", 0, end < 0 ? body.length : end);
}

function apply(records: Map<string, string>, entry: TarEntry): void {
  for (const [key, value] of records) {
    if (key === "path") entry.name = value;
    else if (key === "linkpath") entry.linkName = value;
    else if (key === "size") entry.size = whole(value, key);
    else if (key === "uid") entry.uid = whole(value, key);
    else if (key === "gid") entry.gid = whole(value, key);
    else if (key === "mtime") applyTime(value, entry);
    else if (key.startsWith("SCHILY.xattr.")) entry.xattrs.set(key.slice("SCHILY.xattr.".length), value);
    else if (key.startsWith("GNU.sparse.")) throw new TarFault(sparse);
  }
}

function whole(value: string, key: string): number {
  const number = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new TarFault(`an extended header's ${key} is out of range`);
  return number;
}

function applyTime(value: string, entry: TarEntry): void {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value);
  if (match === null) throw new TarFault("an extended header's mtime is no time");
  const before = match[1] === "-";
  entry.mtime = before ? 0 : Number(match[2]);
  entry.nanoseconds = before ? 0 : Number((match[3] ?? "").padEnd(9, "0").slice(0, 9));
}
