import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Compression } from "#core/engine/snapshots.ts";
import { layerInvalid } from "./layer-invalid.ts";

const chunkSize = 256 * 1024;
const refused: readonly (readonly [string, string])[] = [
  ["425a68", "bzip2"],
  ["fd377a585a00", "xz"],
];

/**
 * The bytes of `body`, unpacked. "detect" looks at how they begin. Errors of the packing are layer-invalid. A piece of
 * `body` may be used again by whoever gave it once the next is asked for; the pieces that come out are the reader's.
 */
export async function* decompress(
  body: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const { kind, all } = compression === "detect" ? await detect(body) : { kind: compression, all: body };
  if (kind === "none") {
    for await (const chunk of all) yield Buffer.from(chunk);
    return;
  }
  const unpacking = kind === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  let failure: { error: unknown } | undefined;
  const fed = feed(unpacking, all).catch((error: unknown) => {
    failure = { error };
    unpacking.destroy(error as Error);
  });
  try {
    for await (const chunk of unpacking) yield chunk as Buffer;
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    throw layerInvalid(`its ${kind} compression is broken`, error);
  } finally {
    unpacking.destroy();
  }
  await fed;
}

/** Asks for the next piece only when the last is used up. */
async function feed(unpacking: Transform, all: AsyncIterable<Uint8Array>): Promise<void> {
  let over = false;
  let wake = () => {};
  unpacking.once("close", () => {
    over = true;
    wake();
  });
  for await (const chunk of all) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (over) resolve();
      else unpacking.write(chunk, () => resolve());
    });
    if (over) return;
  }
  unpacking.end();
}

async function detect(body: AsyncIterable<Uint8Array>) {
  const iterator = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { kind: kindOf(head.toString("hex")), all: all() };
}

function kindOf(hex: string): "none" | "gzip" | "zstd" {
  for (const [magic, name] of refused)
    if (hex.startsWith(magic)) throw layerInvalid(`it is packed with ${name}; use gzip or zstd`);
  if (hex.startsWith("1f8b08")) return "gzip";
  return hex.startsWith("28b52ffd") || /^5.2a4d18/.test(hex) ? "zstd" : "none";
}
