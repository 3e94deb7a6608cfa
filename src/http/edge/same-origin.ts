import type { IncomingMessage } from "node:http";

/**
 * Whether a change comes from a page of this very origin, or from no browser at all: those say where from with every
 * change. Fetch Metadata, RFC 6454 section 7.
 * @param origin that this server is known by to the client
 */
export function fromSameOrigin({ headers }: IncomingMessage, origin: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  if (headers.origin === undefined) return true;
  const asked = hostIn(headers.origin);
  // A proxy that ends TLS and isn't trusted leaves the scheme untold: the host decides.
  return (
    asked !== undefined &&
    (asked === hostIn(origin) || asked === hostIn(`${scheme(headers.origin)}${headers.host ?? ""}`))
  );
}

function hostIn(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function scheme(origin: string): string {
  return origin.startsWith("https://") ? "https://" : "http://";
}

/**
 * Whether the Host header can't be a name that somebody else makes point here (DNS rebinding): an address, a name that
 * always means this machine, or the registry's own.
 */
export function namesThisServer({ headers }: IncomingMessage, externalUrl: string | undefined): boolean {
  // Every browser sends one.
  if (headers.host === undefined) return true;
  if (!URL.canParse(`http://${headers.host}`)) return false;
  const { hostname } = new URL(`http://${headers.host}`);
  if (/^\[[0-9a-f:.]+\]$|^\d{1,3}(\.\d{1,3}){3}$/.test(hostname)) return true;
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  return externalUrl !== undefined && hostname === new URL(externalUrl).hostname;
}
