import { parseDigest, type Digest } from "./digest.ts";

/** A reference to an image as docker's clients write it, in full. */
export interface ImageReference {
  /** `docker.io`, `localhost:5000`; lower case. */
  domain: string;
  /** `library/busybox` */
  path: string;
  tag: string | undefined;
  digest: Digest | undefined;
}

const component = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const domainPattern =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d+)?$/;
const defaultDomain = "docker.io";
const longest = 255;

/**
 * `busybox` → docker.io/library/busybox; the first part is a host when it has a dot or a port, or is `localhost`.
 * Tag and digest stay undefined where none is written. Undefined: that is no reference.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = "", digestText, more] = text.split("@");
  if (more !== undefined || text.length > 2 * longest) return undefined;
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  if (digestText !== undefined && digest === undefined) return undefined;
  const slash = named.indexOf("/");
  const first = slash < 0 ? "" : named.slice(0, slash);
  const hasDomain = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const domain = hasDomain ? first : defaultDomain;
  if (!domainPattern.test(domain)) return undefined;
  const rest = hasDomain ? named.slice(slash + 1) : named;
  const colon = rest.indexOf(":");
  const written = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const host = usual(domain.toLowerCase());
  const path = host === defaultDomain && !written.includes("/") ? `library/${written}` : written;
  if (path.length + host.length >= longest || !path.split("/").every((part) => component.test(part)))
    return undefined;
  return { domain: host, path, tag, digest };
}

/** The name in full, without tag and digest: `docker.io/library/busybox`. */
export function repositoryOf({ domain, path }: ImageReference): string {
  return `${domain}/${path}`;
}

/** In full with its tag (`latest` where none is written), or with its digest where it has one and no tag. */
export function qualified(reference: ImageReference): string {
  const { tag, digest } = reference;
  if (tag === undefined && digest !== undefined) return `${repositoryOf(reference)}@${digest}`;
  return `${repositoryOf(reference)}:${tag ?? "latest"}`;
}

/** As people write it: docker.io/library/busybox:1 → busybox:1. Takes what `qualified` gives. */
export function familiar(text: string): string {
  if (!text.startsWith(`${defaultDomain}/`)) return text;
  const path = text.slice(defaultDomain.length + 1);
  return path.startsWith("library/") && !path.slice("library/".length).includes("/")
    ? path.slice("library/".length)
    : path;
}

function usual(domain: string): string {
  return domain === "index.docker.io" ? defaultDomain : domain;
}
