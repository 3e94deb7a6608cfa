import { readTar } from "#kit/tar/read-tar.ts";
import { TarFault } from "#kit/tar/tar-fault.ts";
import { entryFrame, lastFrame } from "./entry-frame.ts";
import { layerInvalid } from "./layer-invalid.ts";
import { unpackEntry, type UnpackEntry } from "./unpack-entry.ts";

const batch = 128 * 1024;

export interface FrameOptions {
  /** Names that begin with .wh. are whiteouts. */
  whiteouts: boolean;
  mostEntries: number;
  /** Sees each entry, and may change it. */
  each?: (entry: UnpackEntry) => void;
}

/** A tar as the unpacking child reads it (entry-frame.ts), in pieces of a good size. */
export async function* entryFrames(
  tar: AsyncIterable<Uint8Array>,
  options: FrameOptions,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  let entries = 0;
  function hold(piece: Buffer): Buffer | undefined {
    held.push(piece);
    bytes += piece.length;
    if (bytes < batch) return undefined;
    const full = held.length === 1 ? piece : Buffer.concat(held, bytes);
    held = [];
    bytes = 0;
    return full;
  }
  try {
    for await (const read of readTar(tar)) {
      if (++entries > options.mostEntries)
        throw layerInvalid(`it has more than ${options.mostEntries} entries`);
      const entry = unpackEntry(read, options.whiteouts);
      if (entry === undefined) continue;
      options.each?.(entry);
      const full = hold(entryFrame(entry));
      if (full !== undefined) yield full;
      if (entry.kind !== "file") continue;
      for await (const piece of read.content) {
        const more = hold(piece);
        if (more !== undefined) yield more;
      }
    }
  } catch (error) {
    throw error instanceof TarFault ? layerInvalid(error.message, error) : error;
  }
  yield Buffer.concat([...held, lastFrame]);
}
