const block = 512;
const mostName = 100;

/** One file or folder of an archive that is written. */
export interface TarEntry {
  /** A folder's ends with "/". */
  name: string;
  /** Bytes of `body`. */
  size: number;
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A tar (pax where names are long) of these entries, owned by root, with one time (seconds since 1970) for all. */
export async function* tarOf(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
  time: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { name, size, body } of entries) {
    if (Buffer.byteLength(name) > mostName) {
      const record = pathRecord(name);
      yield headerOf("path", record.length, time, "x");
      yield* [record, Buffer.alloc(padding(record.length))];
    }
    yield headerOf(name, size, time, name.endsWith("/") ? "5" : "0");
    let written = 0;
    for await (const chunk of body) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size) throw new Error(`${name} has ${written} bytes, not ${size}`);
    yield Buffer.alloc(padding(size));
  }
  yield Buffer.alloc(2 * block);
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

function headerOf(name: string, size: number, time: number, type: "0" | "5" | "x"): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100, "utf8");
  header.write(`${type === "5" ? "0000755" : "0000644"}\0`, 100);
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
  header.write(type, 156);
  header.write("ustar\x0000", 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** pax's way to say what doesn't fit into a header. */
function pathRecord(name: string): Buffer {
  const rest = ` path=${name}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length++;
  return Buffer.from(`${length}${rest}`);
}
