import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { UpstreamParts } from "#adapters/upstream-http/upstream-parts.ts";
import type { Config } from "#config/config.ts";

/** How the running server is asked from this machine. */
export type OwnAddress = Pick<UpstreamParts, "url"> & Partial<Pick<UpstreamParts, "ca" | "lookup">>;

/**
 * The server's own address, from the configuration: plain HTTP where there is one, else TLS with a name that its certificate
 * has, looked up nowhere. Undefined: it names no port.
 */
export async function ownAddress(
  config: Pick<Config, "listen" | "tls" | "external_url">,
): Promise<OwnAddress | undefined> {
  const { listen, tls } = config;
  const fixed = listen.filter(({ port }) => port !== 0);
  const plain = fixed.find((address) => tls === undefined || address.plain === true);
  if (plain !== undefined) return { url: `http://${written(reachable(plain.host))}:${plain.port}` };
  const [secure] = fixed;
  if (secure === undefined || tls === undefined) return undefined;
  const pem = await readFile(tls.certificate, "latin1");
  const name = nameIn(pem, config.external_url);
  const host = reachable(secure.host);
  if (name === undefined) return { url: `https://${written(host)}:${secure.port}`, ca: pem };
  const address = host === "localhost" ? "127.0.0.1" : host;
  const family = address.includes(":") ? 6 : 4;
  return {
    url: `https://${name}:${secure.port}`,
    ca: pem,
    lookup: () => Promise.resolve([{ address, family }]),
  };
}

function reachable(host: string): string {
  if (host === "" || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function written(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The external URL's, when the certificate is for it; else the first DNS name that it says outright. */
function nameIn(pem: string, externalUrl: string | undefined): string | undefined {
  const certificate = new X509Certificate(pem);
  const external = externalUrl === undefined ? undefined : new URL(externalUrl).hostname;
  if (external !== undefined && certificate.checkHost(external) !== undefined) return external;
  return /(?:^|, )DNS:([a-z0-9][a-z0-9.-]*)/i.exec(certificate.subjectAltName ?? "")?.[1];
}
