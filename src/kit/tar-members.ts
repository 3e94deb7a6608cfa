/** One entry of a tar archive. */
export interface TarMember {
  /** As it is written there: nobody has looked where it leads. */
  name: string;
  kind: "file" | "folder" | "symlink" | "link" | "other";
  /** Bytes of `body`. */
  size: number;
  /** Of a symbolic or hard link. */
  target: string;
  /** Once, before the next member is asked for; a chunk is only valid until the next one. */
  body: AsyncIterable<Uint8Array>;
}

/** What is wrong with an archive, in words that follow its name. */
export class TarFault extends Error {}

const block = 512;
/** Bytes of a long name or of extended headers. */
const mostExtended = 1024 * 1024;
const kinds: Readonly<Record<string, TarMember["kind"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "5": "folder",
};

/**
 * The members of a tar (ustar, pax, GNU long names) in order, while it streams: nothing is kept. What isn't read of a
 * body is skipped. Throws TarFault for what is no tar or ends early, and when there are more than `most` members.
 */
export async function* tarMembers(
  source: AsyncIterable<Uint8Array>,
  most = 100_000,
): AsyncGenerator<TarMember, void, undefined> {
  const reader = createReader(source);
  try {
    let extended: Partial<Record<string, string>> = {};
    let count = 0;
    for (;;) {
      const header = await reader.take(block);
      if (header === undefined) return;
      if (header.every((byte) => byte === 0)) {
        // Padding, whose sender would otherwise be cut off.
        await reader.drain();
        return;
      }
      checkSum(header);
      const type = header.toString("latin1", 156, 157);
      const size = numberOf(header, 124, 12);
      if (type === "x" || type === "g" || type === "L" || type === "K") {
        if (size > mostExtended) throw new TarFault("an extended header is too large");
        const text = await reader.take(padded(size));
        if (text === undefined) throw new TarFault("it ends inside of a header");
        const content = text.subarray(0, size);
        if (type === "L") extended.path = untilZero(content);
        else if (type === "K") extended.linkpath = untilZero(content);
        else if (type === "x") extended = { ...extended, ...paxFields(content) };
        continue;
      }
      if (type === "S" || extended["GNU.sparse.major"] !== undefined)
        throw new TarFault("it holds a sparse file");
      if (++count > most) throw new TarFault(`it has more than ${most} members`);
      const kind = kinds[type] ?? "other";
      const long = extended.size === undefined ? size : wholeNumber(extended.size);
      // Links and folders have no bytes, whatever their size says; of unknown types nobody can know.
      const bytes = kind === "file" || kind === "other" ? long : 0;
      const body = reader.stream(bytes);
      yield {
        name: extended.path ?? nameOf(header),
        kind,
        size: bytes,
        target: extended.linkpath ?? untilZero(header.subarray(157, 257)),
        body,
      };
      extended = {};
      await reader.finish(padded(bytes) - bytes);
    }
  } finally {
    await reader.close();
  }
}

function createReader(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  /** Of the member whose body is being read. */
  let left = 0;

  /** At least one byte, and at most `most`; undefined at the end. */
  async function some(most: number): Promise<Uint8Array | undefined> {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return undefined;
      rest = next.value;
    }
    const part = rest.subarray(0, most);
    rest = rest.subarray(part.length);
    return part;
  }

  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    while (left > 0) {
      const part = await some(left);
      if (part === undefined) throw new TarFault("it ends inside of a member");
      left -= part.length;
      yield part;
    }
  }

  async function take(size: number): Promise<Buffer | undefined> {
    const whole = Buffer.allocUnsafe(size);
    for (let filled = 0; filled < size;) {
      const part = await some(size - filled);
      if (part === undefined && filled === 0) return undefined;
      if (part === undefined) throw new TarFault("it ends inside of a header");
      whole.set(part, filled);
      filled += part.length;
    }
    return whole;
  }

  return {
    take,
    stream(size: number) {
      left = size;
      return stream();
    },
    /** Skips what is left of the body, and the padding after it. */
    async finish(padding: number) {
      left += padding;
      for await (const part of stream()) void part;
    },
    async drain() {
      rest = new Uint8Array(0);
      while ((await chunks.next()).done !== true);
    },
    async close() {
      await chunks.return?.();
    },
  };
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}

function nameOf(header: Buffer): string {
  const name = untilZero(header.subarray(0, 100));
  const ustar = header.toString("latin1", 257, 263) === "ustar\0";
  const prefix = ustar ? untilZero(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function untilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

function checkSum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  if (sum !== numberOf(header, 148, 8)) throw new TarFault("it is not a tar archive");
}

/** Octal text, or base 256 with the first bit set. */
function numberOf(header: Buffer, at: number, length: number): number {
  if (((header[at] ?? 0) & 0x80) !== 0) {
    const bytes = Buffer.from(header.subarray(at, at + length));
    bytes[0] = (bytes[0] ?? 0) & 0x7f;
    const value = BigInt(`0x${bytes.toString("hex")}`);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new TarFault("a size in it is too large");
    return Number(value);
  }
  const text = untilZero(header.subarray(at, at + length)).trim();
  if (!/^[0-7]*$/.test(text)) throw new TarFault("it is not a tar archive");
  return text === "" ? 0 : Number.parseInt(text, 8);
}

function wholeNumber(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new TarFault("a size in it is no number");
  return value;
}

/** `LENGTH KEY=VALUE\n`, POSIX pax. */
function paxFields(content: Buffer): Record<string, string> {
  const fields: [string, string][] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.toString("latin1", at, space));
    if (!Number.isInteger(length) || length < 5 || at + length > content.length)
      throw new TarFault("an extended header is broken");
    const line = content.toString("utf8", space + 1, at + length - 1);
    const equals = line.indexOf("=");
    if (equals > 0) fields.push([line.slice(0, equals), line.slice(equals + 1)]);
    at += length;
  }
  return Object.fromEntries(fields);
}
