import { isIP, isIPv4 } from "node:net";
import { blockList, isLoopback, sameAddress, withoutDisguise } from "./addresses.ts";

/** A URL's host name, an IPv6 address without its brackets. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** `host:port`, also where the port is the scheme's own. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

/** Whether it is a name of this very machine (RFC 6761), however it is written. */
export function isLocalhost(hostname: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(hostname);
}

/** Addresses that a host says by itself: an IP, or localhost. A name says none: what it means may change. */
export function literalRule(hostname: string): (address: string) => boolean {
  if (isIP(hostname) !== 0) return (address) => sameAddress(address, hostname);
  return hostname === "localhost" ? isLoopback : () => false;
}

/**
 * Whether the host is asked without the proxy.
 * @param list `host`, `host:port`, `.domain` (all below it), `*`, IPs, CIDRs
 */
export function isBeside(list: readonly string[], url: URL): boolean {
  const hostname = hostnameOf(url);
  const address = withoutDisguise(hostname);
  if (address !== undefined && blockList(list).check(address, isIPv4(address) ? "ipv4" : "ipv6")) return true;
  return list.some((item) => {
    const name = item.toLowerCase();
    if (name === "*" || name === hostname || name === url.hostname || name === hostAndPort(url)) return true;
    return name.startsWith(".") && hostname.endsWith(name);
  });
}

/** Whether the list (`host`, `host:port`) names the URL's host; without a port the scheme's own is meant. */
export function namesHost(list: readonly string[], url: URL): boolean {
  return list.some((item) => {
    const name = item.toLowerCase();
    return (
      name === hostAndPort(url) || (url.port === "" && (name === url.hostname || name === hostnameOf(url)))
    );
  });
}
