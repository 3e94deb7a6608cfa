import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** The page's built files, read once; a path is only ever looked up among them. */
export interface WebFiles {
  /** @param path as below the folder, `assets/main-1a2b3c.js`; undefined: there is none */
  find(path: string): WebFile | undefined;
}

export interface WebFile {
  contentType: string;
  /** SHA-256 of the bytes, hex. */
  hash: string;
  /** The bytes, packed where that makes them shorter; undefined: this file isn't packed. */
  bytes(encoding: "identity"): Promise<Buffer>;
  bytes(encoding: "br" | "gzip"): Promise<Buffer | undefined>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};
const packed = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt"]);
/** Smaller ones aren't worth it. */
const leastPacked = 512;
const mostFiles = 500;

const pack = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
};

/** Undefined: the page wasn't built. @param folder of index.html */
export async function readWebFiles(folder: string): Promise<WebFiles | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, WebFile>();
  for (const entry of entries.slice(0, mostFiles)) {
    if (!entry.isFile()) continue;
    const contentType = types[extname(entry.name)];
    if (contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files.set(
      path
        .slice(folder.length)
        .replace(/^[/\\]+/, "")
        .replaceAll("\\", "/"),
      webFile(entry.name, contentType, bytes),
    );
  }
  return files.has("index.html") ? { find: (path) => files.get(path) } : undefined;
}

function webFile(name: string, contentType: string, bytes: Buffer): WebFile {
  const made = new Map<string, Promise<Buffer | undefined>>();

  async function shorter(encoding: "br" | "gzip"): Promise<Buffer | undefined> {
    if (bytes.length < leastPacked || !packed.has(extname(name))) return undefined;
    const short = await pack[encoding](bytes);
    return short.length < bytes.length ? short : undefined;
  }

  return {
    contentType,
    hash: createHash("sha256").update(bytes).digest("hex"),
    bytes: ((encoding: "identity" | "br" | "gzip") => {
      if (encoding === "identity") return Promise.resolve(bytes);
      // Once, with the first who asks.
      const known = made.get(encoding) ?? shorter(encoding);
      made.set(encoding, known);
      return known;
    }) as WebFile["bytes"],
  };
}
