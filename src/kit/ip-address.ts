/** An IPv4 or IPv6 address as a number. */
export interface IpAddress {
  version: 4 | 6;
  value: bigint;
}

/** The addresses of a CIDR, from `first` to `last`. `address` is the one that was written in it. */
export interface IpNetwork {
  version: 4 | 6;
  prefix: number;
  address: bigint;
  first: bigint;
  last: bigint;
}

const bits = { 4: 32, 6: 128 } as const;

/** Undefined: it isn't one (zones, leading zeros and short forms of IPv4 aren't). */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(":") ? parse6(text) : parse4(text);
}

/** IPv6 as RFC 5952 writes it. */
export function formatIp({ version, value }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (start < 0) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

export function parseCidr(text: string): IpNetwork | undefined {
  const [address = "", tail, more] = text.split("/");
  const ip = parseIp(address);
  if (!ip || more !== undefined || tail === undefined || !/^(0|[1-9]\d{0,2})$/.test(tail)) return undefined;
  const prefix = Number(tail);
  if (prefix > bits[ip.version]) return undefined;
  const size = 1n << BigInt(bits[ip.version] - prefix);
  const first = (ip.value / size) * size;
  return { version: ip.version, prefix, address: ip.value, first, last: first + size - 1n };
}

export function formatCidr({ version, first, prefix }: IpNetwork): string {
  return `${formatIp({ version, value: first })}/${prefix}`;
}

export function contains(network: IpNetwork, { version, value }: IpAddress): boolean {
  return network.version === version && network.first <= value && value <= network.last;
}

export function overlap(one: IpNetwork, other: IpNetwork): boolean {
  return one.version === other.version && one.first <= other.last && other.first <= one.last;
}

function parse4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { version: 4, value };
}

function parse6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const left = groupsOf(halves[0] ?? "");
  const right = groupsOf(halves[1] ?? "");
  if (!left || !right) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...left, ...Array<bigint>(missing).fill(0n), ...right]) value = (value << 16n) | group;
  return { version: 6, value };
}

/** The 16-bit groups of one half; an IPv4 address at its end is two of them. */
function groupsOf(half: string): bigint[] | undefined {
  if (half === "") return [];
  const groups: bigint[] = [];
  const parts = half.split(":");
  for (const [at, part] of parts.entries()) {
    const last = at === parts.length - 1 && part.includes(".") ? parse4(part) : undefined;
    if (last) groups.push(last.value >> 16n, last.value & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
