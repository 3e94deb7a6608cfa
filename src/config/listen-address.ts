import { z } from "zod";
import type { ListenAddress } from "./config.ts";
import { Unreadable, quoted } from "./unreadable.ts";

const IPV4 = z.ipv4();
const IPV6 = z.ipv6();
const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i;

/**
 * Reads `127.0.0.1:5000`, `[::1]:5000`, `registry.lan:5000`, `:5000` (every address of this machine), and
 * each of them after `http://`: plain HTTP there, even with a `tls` section.
 */
export function parseListenAddress(value: unknown): ListenAddress {
  if (typeof value === "string" && value.trim().startsWith("http://"))
    return { ...parseHostPort(value.trim().slice("http://".length)), plain: true };
  if (typeof value === "string" && value.trim().startsWith("https://")) {
    throw new Unreadable(
      `${quoted(value)}: write the address without https://; with a tls section every address has TLS`,
    );
  }
  return parseHostPort(value);
}

function parseHostPort(value: unknown): ListenAddress {
  if (typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value))) {
    throw new Unreadable(
      `${quoted(value)} has no host; write 127.0.0.1:${value} for this machine only, or ":${value}" for all its addresses`,
    );
  }
  if (typeof value !== "string") {
    throw new Unreadable(`${quoted(value)} is not an address; write HOST:PORT, such as 127.0.0.1:5000`);
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(value.trim());
  const port = Number(match?.[3]);
  if (!match) {
    const hint = IPV6.safeParse(value).success
      ? `an IPv6 address needs brackets and a port: "[${value}]:5000"`
      : "write HOST:PORT, such as 127.0.0.1:5000";
    throw new Unreadable(`${quoted(value)} is not an address to listen on; ${hint}`);
  }
  if (port > 65_535) throw new Unreadable(`${quoted(value)}: a port is at most 65535`);
  return { host: match[1] === undefined ? hostName(match[2] ?? "") : ipv6(match[1]), port };
}

/** The spelling that `parseListenAddress` reads back. */
export function formatListenAddress({ host, port, plain }: ListenAddress): string {
  return (plain === true ? "http://" : "") + (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
}

/** Whether only this machine can reach the address: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopback({ host }: ListenAddress): boolean {
  if (host.includes(":")) return host === "::1";
  return host === "localhost" || (IPV4.safeParse(host).success && host.startsWith("127."));
}

function ipv6(text: string): string {
  if (!IPV6.safeParse(text).success) throw new Unreadable(`${quoted(text)} is not an IPv6 address`);
  // One spelling for each address: 0:0:0:0:0:0:0:1 is ::1.
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function hostName(text: string): string {
  if (text === "") return "";
  if (text === "*")
    throw new Unreadable('"*" is not a host; write ":PORT" for every address of this machine');
  // What ends in digits is taken for an IPv4 address by resolvers: 127.1 or 0x7f.1 would listen somewhere unexpected.
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(text) && !IPV4.safeParse(text).success) {
    throw new Unreadable(`${quoted(text)} is not an IPv4 address`);
  }
  if (!HOST_NAME.test(text)) throw new Unreadable(`${quoted(text)} is neither an IP address nor a host name`);
  return text.toLowerCase();
}
