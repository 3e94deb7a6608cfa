import { BlockList, isIP } from "node:net";

/**
 * Whether a registry is asked over http, or with any certificate: those of this machine, and what `insecure_registries`
 * names by `host[:port]`, IP or CIDR.
 */
export function isInsecure(domain: string, insecure: readonly string[]): boolean {
  const { hostname } = new URL(`http://${domain}`);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return true;
  const names = insecure.map((item) => item.toLowerCase());
  if (names.includes(domain) || names.includes(hostname)) return true;
  const version = isIP(host);
  if (version === 0) return false;
  const list = new BlockList();
  for (const item of names) {
    const [address = "", bits] = item.split("/", 2);
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (isIP(address) === 0) continue;
    if (bits === undefined) list.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === "ipv4" ? 32 : 128))
      list.addSubnet(address, Number(bits), family);
  }
  return list.check(host, version === 6 ? "ipv6" : "ipv4");
}
