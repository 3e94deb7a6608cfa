import { statfs } from "node:fs/promises";
import { AppError } from "#core/errors.ts";
import type { Compression } from "#core/engine/snapshots.ts";
import { decompress } from "./tar/decompress.ts";
import { layerInvalid } from "./tar/layer-invalid.ts";
import type { UnpackLimits } from "./unpack-limits.ts";

const lookEvery = 128 * 1024 ** 2;

/**
 * The uncompressed bytes of `body`, up to what `limits` allow.
 * @param seen gets each piece before it is passed on.
 * @param folder on the disk that is written to.
 */
export async function* metered(
  body: AsyncIterable<Uint8Array>,
  compression: Compression,
  limits: UnpackLimits,
  folder: string,
  seen: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  let looked = -lookEvery;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      packed += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of decompress(counted(), compression)) {
    unpacked += chunk.length;
    if (unpacked > limits.bytes) throw layerInvalid(`it unpacks to more than ${limits.bytes} bytes`);
    if (unpacked > limits.ratioFrom && unpacked > packed * limits.ratio)
      throw layerInvalid(`it unpacks to more than ${limits.ratio} times its size`);
    if (unpacked - looked >= lookEvery) {
      looked = unpacked;
      await checkSpace(folder, limits.reserve);
    }
    seen(chunk);
    yield chunk;
  }
}

async function checkSpace(folder: string, reserve: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= reserve) return;
  throw new AppError("storage-full", "the engine's disk is full; free space and try again");
}
