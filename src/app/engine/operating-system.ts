import { readFile } from "node:fs/promises";
import { type } from "node:os";

/** As its makers call it: `Debian GNU/Linux 12 (bookworm)`. os-release(5) */
export async function operatingSystem(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? type();
}
