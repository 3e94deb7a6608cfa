import { cachedName } from "#core/cached-name.ts";
import { compileGlob } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** What the rules know of an upstream; a configuration's item fits. Times in ms, sizes in bytes. */
export interface UpstreamRules {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly ttl: number;
  readonly missing_ttl: number;
  readonly gone: "keep" | "purge";
  readonly offline: boolean;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly push: "deny" | "allow";
  readonly platforms: readonly string[];
  readonly max_blob: number;
}

/** A repository of an upstream, by all its names. */
export interface UpstreamPlace {
  readonly upstream: UpstreamRules;
  /** As people know it here: `docker.io/library/busybox`. */
  readonly repository: RepositoryName;
  /** As the upstream knows it: `library/busybox`. */
  readonly remote: RepositoryName;
  /** Where its content is kept. */
  readonly cached: RepositoryName;
  /** Whether the upstream's rules (allow, deny) let it be pulled. */
  readonly allowed: boolean;
}

/** Which upstream a name means. Pure; made anew when the configuration changes. */
export interface UpstreamMap {
  /** The upstream's repository that a public name means; undefined: the name is no upstream's. */
  place(repository: RepositoryName): UpstreamPlace | undefined;
  /** Whether no upstream is configured. */
  readonly empty: boolean;
  /** The upstream of a `ns` value: a look-up key, never an address. */
  namespace(ns: string): UpstreamRules | undefined;
}

const plain = /^[\x21-\x7e]*$/;

export function createUpstreamMap(upstreams: readonly UpstreamRules[]): UpstreamMap {
  const byName = new Map(upstreams.map((upstream) => [upstream.name, compiled(upstream)]));
  const byNamespace = new Map(
    upstreams.flatMap((upstream) =>
      [upstream.name, ...upstream.aliases].map((ns) => [ns.toLowerCase(), upstream]),
    ),
  );
  return {
    place(repository) {
      const slash = repository.indexOf("/");
      const found = slash < 0 ? undefined : byName.get(repository.slice(0, slash));
      if (found === undefined) return undefined;
      const remote = repository.slice(slash + 1) as RepositoryName;
      return {
        upstream: found.upstream,
        repository,
        remote,
        cached: cachedName(repository),
        allowed: found.covers(remote),
      };
    },
    empty: upstreams.length === 0,
    // Lower case makes plain letters of a few others (K, the Kelvin sign), which no header can send back.
    namespace: (ns) => (plain.test(ns) ? byNamespace.get(ns.toLowerCase()) : undefined),
  };
}

function compiled(upstream: UpstreamRules) {
  const allow = upstream.allow.map(compileGlob);
  const deny = upstream.deny.map(compileGlob);
  const covers = (remote: string) =>
    allow.some((matches) => matches(remote)) && !deny.some((matches) => matches(remote));
  return { upstream, covers };
}
