import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";

/** /proc/sys/net shows the network namespace of who reads it; /sys/class/net that of who mounted it. */
const root = "/proc/sys/net";

export function hasInterface(name: string): boolean {
  return existsSync(`${root}/ipv4/conf/${name}`);
}

export function hasIpv6(): boolean {
  return existsSync("/proc/net/if_inet6") && existsSync(`${root}/ipv6`);
}

/** @returns whether it was something else before. Settings that this kernel hasn't are left. */
export async function set(path: string, value: string): Promise<boolean> {
  const file = `${root}/${path}`;
  if (!existsSync(file) || (await readFile(file, "utf8")).trim() === value) return false;
  await writeFile(file, value);
  return true;
}

/** @returns whether this host forwarded nothing before. */
export const forward4 = () => set("ipv4/ip_forward", "1");

/** A host that forwards ignores router advertisements unless told otherwise, and would lose its own default route. */
export async function forward6(): Promise<boolean> {
  const before = await readFile(`${root}/ipv6/conf/all/forwarding`, "utf8").catch(() => "1");
  if (before.trim() === "1") return false;
  for (const name of await readdir(`${root}/ipv6/conf`)) {
    const path = `ipv6/conf/${name}/accept_ra`;
    const now = await readFile(`${root}/${path}`, "utf8").catch(() => "0");
    if (now.trim() === "1") await set(path, "2");
  }
  return set("ipv6/conf/all/forwarding", "1");
}

/** First and last port that this host gives to whoever asks for any. */
export async function ephemeralPorts(): Promise<[number, number]> {
  const text = await readFile(`${root}/ipv4/ip_local_port_range`, "utf8").catch(() => "");
  const [from = 0, to = 0] = text.trim().split(/\s+/).map(Number);
  return from > 0 && to > from ? [from, to] : [49153, 65535];
}
