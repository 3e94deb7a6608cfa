import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { Source } from "#core/source.ts";
import { maxNameLength, parseRepositoryName, type RepositoryName } from "#oci/reference.ts";
import type { UpstreamMap, UpstreamRules } from "./upstream-map.ts";

/** A repository's name as a client gave it. */
export interface NamedByClient {
  repository: RepositoryName | undefined;
  ns: string | undefined;
  does: "pull" | "push" | "delete";
}

/** What it means: the name that policy and audit know, and where its content is read from. */
export interface Meant {
  repository: RepositoryName;
  source: Source;
}

export interface LocateParts {
  map: Live<{ map: UpstreamMap }>;
  /** Names on the registry's own addresses. */
  source: Source;
  upstreamOnly: Source;
  /** What `ns` may say and mean the registry itself: the host that clients know it by. */
  self: string | undefined;
}

const nowhere = "" as RepositoryName;

/**
 * Names on the registry's own addresses: its own content, an upstream's below its name, and with `ns` only that
 * upstream's. `ns` is looked up, never dialled. Throws repository-unknown for an `ns` that isn't configured, denied
 * for pushes where they aren't let in.
 */
export function createLocate({ map, source, upstreamOnly, self }: LocateParts) {
  return ({ repository, ns, does }: NamedByClient): Meant => {
    // Without upstreams it is a registry that doesn't know the parameter: whoever filled one as a mirror by pushing
    // to it pulls from there with it.
    if (ns !== undefined && ns.toLowerCase() !== self && !map.current.map.empty) {
      const upstream = map.current.map.namespace(ns);
      if (upstream === undefined)
        throw new AppError(
          "repository-unknown",
          "the ns parameter names no upstream of this registry: see upstreams",
        );
      if (does !== "pull")
        throw readOnly(`what is pushed can't go to the namespace of upstream ${upstream.name}`);
      return { repository: below(upstream, repository), source: upstreamOnly };
    }
    if (repository === undefined) return { repository: nowhere, source };
    const place = does === "push" ? map.current.map.place(repository) : undefined;
    if (place?.upstream.push === "deny")
      throw new AppError(
        "denied",
        `${repository} belongs to upstream ${place.upstream.name}, and pushing below its name is not allowed ` +
          "(upstreams[].push): push under another name",
        { subject: repository },
      );
    return { repository, source };
  };
}

/** Names on an address that is a mirror of one upstream: all are the upstream's, and nothing is written. */
export function createMirrorLocate(
  { map, upstreamOnly }: Pick<LocateParts, "map" | "upstreamOnly">,
  name: string,
) {
  return ({ repository, ns, does }: NamedByClient): Meant => {
    const upstream = map.current.map.namespace(name);
    if (upstream === undefined || (ns !== undefined && map.current.map.namespace(ns) !== upstream))
      throw new AppError("repository-unknown", `this address is a mirror of ${name} and of nothing else`);
    if (does !== "pull") throw readOnly(`this address is a mirror of ${name}`);
    return { repository: below(upstream, repository), source: upstreamOnly };
  };
}

function below(upstream: UpstreamRules, repository: RepositoryName | undefined): RepositoryName {
  if (repository === undefined) return nowhere;
  const name = parseRepositoryName(`${upstream.name}/${repository}`);
  if (name !== undefined) return name;
  throw new AppError(
    "name-invalid",
    `with ${upstream.name}/ before it the name is longer than ${maxNameLength} characters`,
  );
}

function readOnly(why: string): AppError {
  return new AppError("unsupported", `only pulls are possible here: ${why}`);
}
