import { readFile } from "node:fs/promises";

/** systemd-resolved's own list of servers, where /etc/resolv.conf names only its address on the host's loopback. */
const resolvedList = "/run/systemd/resolve/resolv.conf";

/** The host's name servers and names, for containers to inherit; "" for a file that isn't there. */
export async function readHostFiles(): Promise<{ resolvConf: string; hosts: string }> {
  const [resolvConf, hosts] = await Promise.all([textOf("/etc/resolv.conf"), textOf("/etc/hosts")]);
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => address);
  const onlyResolved = servers.length > 0 && servers.every((address) => address === "127.0.0.53");
  return { resolvConf: onlyResolved ? (await textOf(resolvedList)) || resolvConf : resolvConf, hosts };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
