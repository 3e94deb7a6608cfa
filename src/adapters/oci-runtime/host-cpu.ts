import { readFile } from "node:fs/promises";

/** The kernel counts in hundredths of a second (USER_HZ). */
const tick = 10_000_000;

/** What all processors of this machine did since boot, ns, as docker adds it up: user to softirq and steal. */
export async function hostCpu(): Promise<number> {
  const text = await readFile("/proc/stat", "latin1");
  const [, ...numbers] = text.slice(0, text.indexOf("\n")).split(/\s+/);
  return numbers.slice(0, 8).reduce((sum, n) => sum + Number(n), 0) * tick;
}
