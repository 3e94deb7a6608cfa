import { open, stat } from "node:fs/promises";

/** A file's text as it was read last. A new object only when the text was read again. */
export interface FileText {
  readonly text: string;
  /** Grows with every reading: what was made of the text holds while this stays. */
  readonly version: number;
}

export interface FileTextOptions {
  /** Longest file, bytes. */
  limit?: number;
  /** How often the file is looked at, ms. */
  every?: number;
  /** ms; for tests. */
  clock?: () => number;
}

// File systems with coarse clocks give two writes of one moment the same time.
const settled = 2_000;

/**
 * The text of a file that people change while the server runs. Looked at no more than once a second, read
 * again when its time, size or inode changed. Rejects with the file system's error, or one that says the
 * file is too long; the next call after `every` tries again. Concurrent calls share one look.
 */
export function fileText(path: string, options: FileTextOptions = {}): () => Promise<FileText> {
  const { limit = 4 * 1024 * 1024, every = 1_000, clock = Date.now } = options;
  let known: FileText | undefined;
  let seen = "";
  let readAt = 0;
  let lookedAt = -Infinity;
  let last: Promise<FileText> | undefined;

  async function look(): Promise<FileText> {
    const facts = await stat(path, { bigint: true });
    const mark = `${facts.dev}.${facts.ino}.${facts.size}.${facts.mtimeNs}.${facts.ctimeNs}`;
    const unsettled = Math.abs(readAt - Number(facts.mtimeMs)) < settled;
    if (known !== undefined && mark === seen && !unsettled) return known;
    const before = Date.now();
    const text = await readBounded(path, limit);
    seen = mark;
    readAt = before;
    if (known?.text !== text) known = { text, version: (known?.version ?? 0) + 1 };
    return known;
  }

  return () => {
    const now = clock();
    if (last === undefined || now - lookedAt >= every || now < lookedAt) {
      lookedAt = now;
      last = look();
      last.catch(() => undefined);
    }
    return last;
  };
}

async function readBounded(path: string, limit: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    // Counted while reading: a pipe says no size, and a file may grow meanwhile.
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw new Error(`${path} has more than ${limit} bytes, which is all that is read`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length).toString("utf8");
  } finally {
    await file.close();
  }
}
