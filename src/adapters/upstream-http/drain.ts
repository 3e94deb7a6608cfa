import type { Readable } from "node:stream";

// A longer one costs more to read than a new connection.
const most = 64 * 1024;
/** ms */
const longest = 5_000;

/** Reads what nobody needs, so that the connection can be used again; gives the beginning of it. Never rejects. */
export async function drain(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const late = setTimeout(() => body.destroy(), longest);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      chunks.push(chunk);
      // Leaving the loop ends the connection.
      if (length > most) break;
    }
  } catch {
    // What came will do.
  } finally {
    clearTimeout(late);
  }
  return Buffer.concat(chunks).toString("utf8");
}
