import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";

/** Decides what Location headers begin with. */
export interface Origins {
  /** "" (relative, the default) or an origin such as `https://registry.example.org`. */
  of(request: IncomingMessage): string;
  /** The client's address: the peer's, or what a trusted proxy says. */
  client(request: IncomingMessage): string;
  /** Whether it came through a proxy of trusted_proxies. */
  fromTrustedProxy(request: IncomingMessage): boolean;
}

/**
 * Relative by default, so that no proxy can break it. `external_url` makes it absolute; X-Forwarded-*
 * counts only when it comes from a trusted proxy and no external_url is set.
 */
export function createOrigins(externalUrl: string | undefined, trustedProxies: readonly string[]): Origins {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const some = trustedProxies.length > 0;
  const peerOf = (request: IncomingMessage) => (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const isTrusted = (address: string) =>
    some && isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return {
    of(request) {
      if (externalUrl !== undefined) return externalUrl;
      if (!isTrusted(peerOf(request))) return "";
      const proto = first(request.headers["x-forwarded-proto"]);
      const host = first(request.headers["x-forwarded-host"]) ?? request.headers.host;
      if (proto === undefined || host === undefined) return "";
      if (!/^https?$/.test(proto) || !/^[a-z0-9.:[\]-]+$/i.test(host)) return "";
      return `${proto}://${host}`;
    },
    client(request) {
      const peer = peerOf(request);
      if (!isTrusted(peer)) return peer;
      const hops = (request.headers["x-forwarded-for"] ?? "").toString().split(",").reverse();
      for (const hop of hops) {
        const address = hop.trim();
        if (isIP(address) === 0) break;
        if (!isTrusted(address)) return address;
      }
      return peer;
    },
    fromTrustedProxy: (request) => isTrusted(peerOf(request)),
  };
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(",")[0]?.trim();
}
