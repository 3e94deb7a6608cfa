import type { Io } from "../io.ts";
import { putOut } from "./put-out.ts";

const head = 8;

/** Puts out a container's output: as it is where it has a terminal, else frames for stdout and stderr taken apart. */
export async function putOutput(
  source: AsyncIterable<Uint8Array>,
  tty: boolean,
  io: Pick<Io, "stdout" | "stderr">,
): Promise<void> {
  let left = Buffer.alloc(0);
  /** Bytes of the current frame that are still to come. */
  let missing = 0;
  let to = io.stdout;
  for await (const chunk of source) {
    if (tty) {
      await putOut(io.stdout, chunk);
      continue;
    }
    let bytes = left.length === 0 ? Buffer.from(chunk) : Buffer.concat([left, chunk]);
    left = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (missing === 0) {
        if (bytes.length < head) {
          left = bytes;
          break;
        }
        to = bytes[0] === 2 || bytes[0] === 3 ? io.stderr : io.stdout;
        missing = bytes.readUInt32BE(4);
        bytes = bytes.subarray(head);
      }
      const part = bytes.subarray(0, missing);
      if (part.length > 0) await putOut(to, part);
      missing -= part.length;
      bytes = bytes.subarray(part.length);
    }
  }
}
