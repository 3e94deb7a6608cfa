/** How single values of an item of `upstreams` are read. What may hold a secret is never shown in a message. */
import { parseRepositoryGlob, parseTagGlob } from "./globs.ts";
import { Unreadable, quoted } from "./unreadable.ts";
import { peer, reading } from "./values.ts";
import { accountName } from "./who.ts";

/** Stands for a secret in what is printed, and is refused in what is read. */
export const hidden = "(hidden)";

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostName = new RegExp(`^${label}(?:\\.${label})*$`);
const ipv4 = /^\d+(\.\d+){3}$/;

/** `docker.io`: fits into a repository name, as names of accounts do. */
export const upstreamName = reading((value) => {
  const text = typeof value === "string" ? value : "";
  if (text.length <= 128 && accountName.test(text)) return text;
  const [host = "", port] = text.toLowerCase().split(":");
  if (port !== undefined && isHostPort(text.toLowerCase()))
    throw new Unreadable(
      `a port can't be in the name of an image; write name: ${host}, aliases: ["${host}:PORT"] and the url`,
    );
  if (!/^[A-Za-z0-9._/-]{1,128}$/.test(text))
    throw new Unreadable("is not the name of an upstream; write such as docker.io, or {name: docker.io}");
  throw new Unreadable(
    `${quoted(text)} is not the first part of an image's name; write lower-case letters, digits, and . _ - between ` +
      "them, such as docker.io, and where the registry is as url",
  );
});

/** `registry.example.org` or `registry.example.org:5000`, in lower case. */
export const registryHost = reading((value) => {
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (isHostPort(text)) return text;
  throw new Unreadable(
    `${quoted(value)} is not a host; write such as registry.example.org or registry.example.org:5000`,
  );
});

/** A host name by which clients ask here. An address by number isn't one: everybody has that one. */
export const mirrorHost = reading((value) => {
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  const host = text.replace(/:\d+$/, "");
  if (isHostPort(text) && !text.startsWith("[") && !ipv4.test(host) && host !== "localhost") return text;
  throw new Unreadable(
    `${quoted(value)} is not a host name of its own; write such as mirror.example.org, or an address as mirror_listen`,
  );
});

/** `https://registry.example.org`, without a slash at its end. */
export const upstreamUrl = reading((value) => {
  const written = typeof value === "string" ? value.trim() : "";
  const example = "https://registry.example.org";
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (written.includes("@")) throw new Unreadable("must not contain a user name or password");
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Unreadable(`${quoted(value)} is not an address; write such as ${example}`);
  if (/[?#]/.test(written)) throw new Unreadable(`${quoted(value)}: write it without ? and #`);
  const path = url.pathname.replace(/\/+$/, "");
  if (/\/v2$/.test(path))
    throw new Unreadable(
      `${quoted(value)}: Berth adds /v2/ itself, so write ${url.origin}${path.slice(0, -3)}`,
    );
  return url.origin + path;
});

/** `http://user:password@proxy.example.org:3128`, without a slash at its end. */
export const proxyUrl = reading((value) => {
  const written = typeof value === "string" ? value.trim() : "";
  const example = "write such as http://proxy.example.org:3128";
  const shown = written.includes("@") ? "it" : quoted(value);
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Unreadable(`${shown} is not the address of an HTTP proxy; ${example}`);
  const encoded = "; characters such as @ : / ? # % in its password are written %40 %3A %2F %3F %23 %25";
  if (url.pathname !== "/" || /[?#]/.test(written))
    throw new Unreadable(`${shown} has more than host and port; ${example}${encoded}`);
  if (written.includes(hidden)) throw new Unreadable(`holds "${hidden}", which only stands for the password`);
  if (!decodes(url.username) || !decodes(url.password)) throw new Unreadable(`can't be read${encoded}`);
  return url.href.replace(/\/$/, "");
});

/** Of `no_proxy`: `host`, `.domain`, IP or CIDR. */
export const noProxyEntry = reading((value) => {
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (hostName.test(text.replace(/^\./, "")) && !ipv4.test(text)) return text;
  if (peer().safeParse(text).success) return text;
  throw new Unreadable(
    `${quoted(value)} is neither a host nor a domain, an IP address or a network; write a list of such as ` +
      "registry.lan, .example.org, 10.0.0.0/8",
  );
});

/** A password or token, for headers as it stands. */
export const secretText = reading((value) => {
  if (typeof value !== "string") throw new Unreadable("is not a text; write it in quotes");
  if (value === hidden) throw new Unreadable(`is "${hidden}", which only stands for it in what is printed`);
  if (value === "" || /[\0-\x1f\x7f]/.test(value))
    throw new Unreadable("is empty or has characters that can't be sent");
  return value;
});

/** Of Basic authentication, where a colon ends it. */
export const userName = reading((value) => {
  if (typeof value === "string" && /^[^:\0-\x1f\x7f]+$/.test(value)) return value;
  throw new Unreadable(
    `${quoted(value)} is not the name of a user; a number needs quotes, a colon can't be in it`,
  );
});

/** `linux/amd64`, `linux/arm/v7`. */
export const platform = reading((value) => {
  if (typeof value === "string" && /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/.test(value)) return value;
  throw new Unreadable(`${quoted(value)} is not a platform; write such as linux/amd64 or linux/arm/v7`);
});

/** `library/alpine`, `library/*` or `library/alpine:3*`. */
export const pinned = reading((value) => {
  if (typeof value !== "string") parseRepositoryGlob(value);
  const text = String(value);
  const colon = text.indexOf(":");
  parseRepositoryGlob(colon < 0 ? text : text.slice(0, colon));
  if (colon >= 0) parseTagGlob(text.slice(colon + 1));
  return text;
});

function isHostPort(text: string): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? "";
  if (Number(match?.[2] ?? 1) > 65_535 || host.length > 253) return false;
  return host.startsWith("[") ? URL.canParse(`http://${host}`) : hostName.test(host);
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
