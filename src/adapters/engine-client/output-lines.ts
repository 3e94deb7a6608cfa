import { StringDecoder } from "node:string_decoder";

/** Of a frame's head. Docker Engine API, "Stream format". */
const head = 8;
/** A longer line goes out in pieces: a program may write without any end of line. */
const longestLine = 16 * 1024;

/** A container's output line by line, stdout and stderr together. @param tty bytes as they are; else frames */
export async function* outputLines(source: AsyncIterable<Uint8Array>, tty: boolean): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let line = "";
  for await (const payload of tty ? source : payloads(source)) {
    line += decoder.write(Buffer.from(payload));
    for (;;) {
      const end = line.indexOf("\n");
      if (end < 0 && line.length < longestLine) break;
      const cut = end < 0 || end > longestLine ? longestLine : end;
      yield line.slice(0, cut).replace(/\r$/, "");
      line = line.slice(cut === end ? cut + 1 : cut);
    }
  }
  if (line !== "") yield line;
}

/** What frames carry, as it comes. */
async function* payloads(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = Buffer.alloc(0);
  /** Bytes of the current frame that are still to come. */
  let missing = 0;
  for await (const chunk of source) {
    let bytes = left.length === 0 ? Buffer.from(chunk) : Buffer.concat([left, chunk]);
    left = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (missing === 0) {
        if (bytes.length < head) {
          left = bytes;
          break;
        }
        missing = bytes.readUInt32BE(4);
        bytes = bytes.subarray(head);
        continue;
      }
      const part = bytes.subarray(0, missing);
      yield part;
      missing -= part.length;
      bytes = bytes.subarray(part.length);
    }
  }
}
