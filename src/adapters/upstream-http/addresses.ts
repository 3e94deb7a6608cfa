import { BlockList, isIP, isIPv4 } from "node:net";

/** Which IP addresses may be dialled. All texts are IPs without brackets. */
export interface Addresses {
  /** Of the internet at large: nothing of this machine, its networks, or a special purpose. */
  isPublic(address: string): boolean;
  /** Named by `allow_addresses`. */
  isAllowed(address: string): boolean;
}

// IANA's special-purpose registries; what isn't globally reachable, and multicast.
const private4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];
/** Of IPv6 only this is given out, without the few parts that are special: Teredo, ORCHID, 6to4, documentation. */
const global6 = ["2000::/3"];
const special6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const notPublic = blockList([...private4, ...special6]);
const givenOut = blockList(global6);

/** @param allow IPs and CIDRs */
export function createAddresses(allow: readonly string[]): Addresses {
  const allowed = blockList(allow);
  return {
    isPublic(address) {
      const plain = withoutDisguise(address);
      if (plain === undefined) return false;
      if (isIPv4(plain)) return !notPublic.check(plain, "ipv4");
      return givenOut.check(plain, "ipv6") && !notPublic.check(plain, "ipv6");
    },
    isAllowed(address) {
      const plain = withoutDisguise(address);
      return plain !== undefined && allowed.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
    },
  };
}

export function isLoopback(address: string): boolean {
  const plain = withoutDisguise(address);
  return plain === "::1" || (plain !== undefined && isIPv4(plain) && plain.startsWith("127."));
}

export function sameAddress(one: string, other: string): boolean {
  const plain = withoutDisguise(one);
  return plain !== undefined && plain === withoutDisguise(other);
}

/**
 * Whether an item of the list (IP or CIDR) holds the address; items that are neither hold nothing.
 */
export function blockList(items: readonly string[]): BlockList {
  const list = new BlockList();
  for (const item of items) {
    const [address = "", bits] = item.split("/", 2);
    const version = isIP(address);
    if (version === 0) continue;
    const family = version === 4 ? "ipv4" : "ipv6";
    const most = version === 4 ? 32 : 128;
    if (bits === undefined) list.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= most) list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * The address that the packets end up at: IPv4 mapped into IPv6 (::ffff:0:0/96) or translated (64:ff9b::/96) as
 * IPv4, IPv6 in its one short form. undefined: no address, or one with a zone, which only this link knows.
 */
export function withoutDisguise(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return undefined;
  if (version === 4) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const groups = groupsOf(short);
  const head = groups.slice(0, 6).join(":");
  if (head !== "0:0:0:0:0:ffff" && head !== "64:ff9b:0:0:0:0") return short;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join(".");
}

/** All eight. */
function groupsOf(short: string): string[] {
  const [head = "", tail] = short.split("::", 2);
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
}
