import { parseRepositoryName, type RepositoryName } from "#oci/reference.ts";
import { createUpstreamMap, type UpstreamRules } from "./upstream-map.ts";

const hub = "docker.io";
const official = "library/";

/** A name that no upstream has, or that can't be one: what to write instead. */
export interface NoMirrorName {
  fault: string;
  /** Whatever is configured, it is no name. */
  malformed: boolean;
}

/**
 * The public name of an upstream's repository, also from the short forms that docker knows: `alpine` and `acme/app`
 * are docker.io's, `docker.io/alpine` is `docker.io/library/alpine`.
 */
export function mirrorName(
  text: string,
  upstreams: readonly UpstreamRules[],
): { name: RepositoryName } | NoMirrorName {
  const map = createUpstreamMap(upstreams);
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost";
  const named = first === "" ? undefined : map.namespace(first);
  const upstream = named?.name ?? (isHost ? first : hub);
  const rest = named !== undefined || isHost ? text.slice(slash + 1) : text;
  const remote = upstream === hub && !rest.includes("/") ? official + rest : rest;
  if (parseRepositoryName(remote) === undefined) return { malformed: true, fault: notAName(text, remote) };
  const name = `${upstream}/${remote}` as RepositoryName;
  const place = map.place(name);
  if (place === undefined) return { malformed: false, fault: noUpstream(text, upstream, upstreams) };
  if (!place.allowed)
    return {
      malformed: false,
      fault: `the rules of upstream ${upstream} (allow, deny) leave out ${place.remote}`,
    };
  return { name };
}

function notAName(text: string, remote: string): string {
  if (/[:@]/.test(remote))
    return `"${text}" names a tag or digest: write the repository alone, and its tags with --tags`;
  return `"${text}" is not a repository: write such as docker.io/library/alpine`;
}

function noUpstream(text: string, upstream: string, upstreams: readonly UpstreamRules[]): string {
  if (upstreams.length === 0) return `${text} is of no upstream: none is configured (section upstreams)`;
  const names = upstreams.map(({ name }) => name).join(", ");
  return `${text} is of upstream ${upstream}, which is not configured; there ${upstreams.length === 1 ? "is" : "are"} ${names}`;
}
