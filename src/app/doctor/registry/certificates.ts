import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Config } from "#config/config.ts";
import type { Finding } from "../finding.ts";

const day = 86_400_000;
/** Days before its end that somebody should know. */
const soon = 14;

/** Whether the server's certificate holds, and for how long, and is for the name that clients use. */
export async function certificateFindings(
  { tls, external_url }: Config,
  now = Date.now(),
): Promise<Finding[]> {
  if (tls === undefined) return [];
  const found: Finding[] = [];
  const files: [string, string][] = [["tls.certificate", tls.certificate]];
  if (tls.client_ca !== undefined) files.push(["tls.client_ca", tls.client_ca]);
  for (const [key, path] of files) {
    const first = await read(path);
    // That it can't be read is said by the check of the files themselves.
    if (first === undefined) continue;
    found.push(lasting(key, path, first, now));
    if (key === "tls.certificate" && external_url !== undefined) found.push(named(first, external_url));
  }
  return found;
}

async function read(path: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(path));
  } catch {
    return undefined;
  }
}

function lasting(key: string, path: string, certificate: X509Certificate, now: number): Finding {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const name = `${key}, time`;
  const renew = `renew ${path}; Berth reads it again by itself`;
  if (now < from)
    return {
      name,
      state: "missing",
      message: `holds only from ${new Date(from).toISOString()}: is the clock right?`,
      cure: renew,
    };
  if (now >= to)
    return { name, state: "missing", message: `ended on ${new Date(to).toISOString()}`, cure: renew };
  const days = Math.floor((to - now) / day);
  const message = `holds until ${new Date(to).toISOString().slice(0, 10)}, ${days} days`;
  return days >= soon ? { name, state: "fine", message } : { name, state: "poor", message, cure: renew };
}

function named(certificate: X509Certificate, externalUrl: string): Finding {
  const { hostname } = new URL(externalUrl);
  const host = hostname.replace(/^\[|\]$/g, "");
  const matches = isIP(host) > 0 ? certificate.checkIP(host) : certificate.checkHost(host);
  const name = "tls.certificate, name";
  if (matches !== undefined) return { name, state: "fine", message: `is for ${host}` };
  return {
    name,
    state: "missing",
    message: `isn't for ${host}, which external_url names: clients will refuse it`,
    cure: `a certificate with the name ${host} (subjectAltName), or another external_url`,
  };
}
