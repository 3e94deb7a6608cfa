import { open } from "node:fs/promises";

/** New content for a file that is mounted into containers: the same inode, and never empty in between. No fsync. */
export async function writeInPlace(path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const file = await open(path, "r+");
  try {
    for (let at = 0; at < bytes.length;)
      at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}
