import type { Transform } from "node:stream";
import { createGunzip, createGzip, createZstdDecompress } from "node:zlib";

/** What compressed bytes are broken by; the words follow the name of what they are. */
export class PackedFault extends Error {}

/** The bytes as gzip, quickly rather than small. Chunks of `body` may be used again once the next one is asked for. */
export function gzipped(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(createGzip({ level: 3 }), body);
}

/** The bytes themselves: gzip and zstd are known by their beginnings, everything else passes as it is. Throws PackedFault. */
export async function* unpacked(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = body[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 4) {
      const next = await source.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = rejoined(head, source);
    if (head[0] === 0x1f && head[1] === 0x8b) yield* through(createGunzip(), whole);
    else if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd)
      yield* through(createZstdDecompress(), whole);
    else yield* whole;
  } finally {
    await source.return?.();
  }
}

async function* rejoined(
  head: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await source.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** One chunk at a time, written through before the next is asked for, since its buffer may be used again. */
async function* through(
  transform: Transform,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let failure: { error: unknown } | undefined;
  // A write that is under way when the transform is destroyed is never answered.
  const closed = new Promise<true>((resolve) => transform.once("close", () => resolve(true)));
  const feed = async () => {
    try {
      for await (const chunk of body) {
        const written = new Promise<Error | null | undefined>((resolve) => transform.write(chunk, resolve));
        if (await Promise.race([written, closed])) return;
      }
      transform.end();
    } catch (error) {
      failure = { error };
      transform.destroy();
    }
  };
  const feeding = feed();
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
  } catch (error) {
    throw failure ? failure.error : new PackedFault("its compressed bytes are broken", { cause: error });
  } finally {
    transform.destroy();
    await feeding;
  }
}
