import { createHash, randomBytes, randomFillSync } from "node:crypto";

/** Bytes at the end of each blob that no other blob has. */
const stampSize = 32;
const mebibyte = 1024 * 1024;
/** Size of a transfer chunk: what Go's io.Copy, and so docker, sends. */
const chunkSize = 32 * 1024;

/**
 * Endless unique blobs of one size from one shared buffer: they differ in their last 32 bytes only, so the
 * common part is hashed once and a digest costs a copy of that hash's state. Nothing is hashed while pushing.
 */
export interface Payloads {
  /** The common part, in the slices to write; above 64 MiB the same memory again and again. */
  body(): Iterable<Buffer>;
  /** The same as transfer chunks, each slice holding many; the caller writes the stamp and the end. */
  framedBody(): Iterable<Buffer>;
  next(): Stamp;
}

export interface Stamp {
  /** The last bytes of the blob. */
  bytes: Buffer;
  digest: string;
}

export function payloads(size: number): Payloads {
  const common = size - stampSize;
  const shared = randomFillSync(Buffer.allocUnsafe(Math.min(common, 64 * mebibyte)));
  const state = createHash("sha256");
  for (const slice of slices(shared, common)) state.update(slice);
  const run = randomBytes(16);
  let count = 0n;
  let frames: { whole: Buffer; rest: Buffer } | undefined;
  return {
    body: () => slices(shared, common),
    *framedBody() {
      // Framed once: at later pushes the slices only go out.
      frames ??= { whole: frame(shared), rest: frame(shared.subarray(0, common % shared.length)) };
      const { whole, rest } = frames;
      for (let i = 0; i < Math.floor(common / shared.length); i++) yield* slices(whole, whole.length);
      yield* slices(rest, rest.length);
    },
    next() {
      const bytes = Buffer.alloc(stampSize);
      run.copy(bytes);
      bytes.writeBigUInt64BE(count++, 16);
      return { bytes, digest: `sha256:${state.copy().update(bytes).digest("hex")}` };
    },
  };
}

/** `total` bytes out of a shorter buffer, by the mebibyte. */
function* slices(buffer: Buffer, total: number): Iterable<Buffer> {
  for (let sent = 0; sent < total;) {
    const at = sent % buffer.length;
    const slice = buffer.subarray(at, Math.min(at + mebibyte, buffer.length, at + total - sent));
    sent += slice.length;
    yield slice;
  }
}

function frame(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize)
    parts.push(...chunk(bytes.subarray(at, at + chunkSize)));
  return Buffer.concat(parts);
}

/** One transfer chunk (RFC 9112, section 7.1). */
export function chunk(bytes: Buffer): Buffer[] {
  return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")];
}
