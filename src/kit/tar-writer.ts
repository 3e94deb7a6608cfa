const block = 512;

/** One file or folder of an archive that is written. */
export interface TarEntry {
  /** Up to 100 bytes, or up to 255 with a slash at the right place; a folder's ends with "/". */
  name: string;
  /** Bytes of `body`. */
  size: number;
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A tar (ustar) of these entries, owned by root, with one time (seconds since 1970) for all. */
export async function* tarOf(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
  time: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { name, size, body } of entries) {
    yield headerOf(name, size, time);
    let written = 0;
    for await (const chunk of body) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size) throw new Error(`${name} has ${written} bytes, not ${size}`);
    const padding = (block - (size % block)) % block;
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield Buffer.alloc(2 * block);
}

function headerOf(name: string, size: number, time: number): Buffer {
  const folder = name.endsWith("/");
  const header = Buffer.alloc(block);
  const [prefix, rest] = splitName(name);
  header.write(rest, 0, "utf8");
  header.write(prefix, 345, "utf8");
  header.write(`${folder ? "0000755" : "0000644"}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  else {
    // GNU's base 256, which every reader of today knows.
    header.writeBigUInt64BE(BigInt(size), 128);
    header[124] = 0x80;
  }
  header.write(`${time.toString(8).padStart(11, "0")}\0`, 136);
  header.write("        ", 148);
  header.write(folder ? "5" : "0", 156);
  header.write("ustar\x0000", 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function splitName(name: string): [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= 100) return ["", name];
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)];
    if (rest !== "" && Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100)
      return [prefix, rest];
  }
  throw new Error(`${name} is too long for a tar's header`);
}
