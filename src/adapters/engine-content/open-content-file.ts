import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { errnoOf } from "#kit/file-calls.ts";
import { openForReading, type OpenFile } from "#kit/open-file.ts";

/** Bytes of a read. */
const readBytes = 1024 * 1024;

/** Undefined: no such file. */
export async function openContentFile(path: string, digest: string): Promise<OpenBlob | undefined> {
  let file: OpenFile;
  try {
    file = await openForReading(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
  return {
    size: file.size,
    async *read(start, end) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, Math.max(0, end - start + 1)));
      for (let at = start; at <= end;) {
        const wanted = Math.min(buffer.length, end - at + 1);
        const count = await file.fill(buffer, wanted, at);
        if (count < wanted) throw new AppError("engine-failed", `content ${digest} is shorter than it was`);
        yield buffer.subarray(0, count);
        at += count;
      }
    },
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  };
}
