/** What a test puts into a tar; whatever it doesn't say is plain. Names are written as they are, also wrong ones. */
export interface TarPart {
  name: string;
  type?: string;
  body?: string | Uint8Array;
  /** Stands in the header instead of the body's length. */
  size?: number;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  link?: string;
  major?: number;
  minor?: number;
  pax?: Record<string, string>;
}

export const folder = (name: string, more: Partial<TarPart> = {}): TarPart => ({
  name,
  type: "5",
  mode: 0o755,
  ...more,
});
export const file = (name: string, body: string | Uint8Array = "", more: Partial<TarPart> = {}): TarPart => ({
  name,
  body,
  ...more,
});
export const symlink = (name: string, link: string): TarPart => ({ name, type: "2", link });
export const hardLink = (name: string, link: string): TarPart => ({ name, type: "1", link });

export function tarOf(parts: Iterable<TarPart>): Buffer {
  return Buffer.concat([...[...parts].flatMap(blocksOf), Buffer.alloc(1024)]);
}

export function blocksOf(part: TarPart): Buffer[] {
  const body = Buffer.from(part.body ?? "");
  const pax = { ...part.pax };
  if (Buffer.byteLength(part.name) > 100) pax.path ??= part.name;
  if ((part.uid ?? 0) > 0o7777777) pax.uid ??= String(part.uid);
  const extended = Object.entries(pax).map(([key, value]) => record(key, value));
  const blocks: Buffer[] = [];
  if (extended.length > 0) {
    const records = Buffer.concat(extended);
    blocks.push(header({ name: "pax", type: "x", size: records.length }), padded(records));
  }
  blocks.push(header({ ...part, size: part.size ?? body.length }), padded(body));
  return blocks;
}

function header(part: TarPart): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    block.write(
      `${value
        .toString(8)
        .padStart(length - 1, "0")
        .slice(1 - length)}\0`,
      at,
      "latin1",
    );
  block.write(part.name.slice(0, 100), 0, "utf8");
  octal(part.mode ?? 0o644, 100, 8);
  octal(part.uid ?? 0, 108, 8);
  octal(part.gid ?? 0, 116, 8);
  octal(part.size ?? 0, 124, 12);
  octal(part.mtime ?? 1_700_000_000, 136, 12);
  block.write(part.type ?? "0", 156, "latin1");
  block.write((part.link ?? "").slice(0, 100), 157, "utf8");
  block.write("ustar\x0000", 257, "latin1");
  octal(part.major ?? 0, 329, 8);
  octal(part.minor ?? 0, 337, 8);
  block.write("        ", 148, "latin1");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    8,
  );
  return block;
}

function record(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`, "latin1");
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
