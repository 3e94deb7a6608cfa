import type { ListenAddress } from "./listen-config.ts";

/** One registry that content is pulled from: an item of `upstreams`. Files are absolute. */
export interface UpstreamConfig {
  /**
   * `docker.io`: first component of its repositories' names here, and what containerd sends as `ns`. One component of
   * a repository name.
   */
  name: string;
  /** Further values of `ns` that mean it, such as `registry-1.docker.io` or `registry.example.org:5000`. */
  aliases: string[];
  /** Origin, with a path where the registry's /v2/ isn't at the root: `https://registry-1.docker.io`. */
  url: string;
  username: string | undefined;
  /** Never shown. */
  password: string | undefined;
  password_file: string | undefined;
  /** A bearer token that goes with every request, instead of name and password. Never shown. */
  token: string | undefined;
  token_file: string | undefined;
  /** A docker `config.json`, whose `auths` entry for the URL's host (docker.io: also Docker Hub's old key) is used. */
  docker_config: string | undefined;
  /** Hosts (`host` or `host:port`) of token servers that may get the credentials, beside the registry's own. */
  realms: string[];
  /** PEM of further CAs. */
  ca: string | undefined;
  /** `http://[user:password@]host:port` or `https://…`; never shown with its password. */
  proxy: string | undefined;
  /** Hosts that are asked without the proxy: `host`, `.domain`, IP, CIDR; of redirects and realms, too. */
  no_proxy: string[];
  /**
   * IPs and CIDRs that aren't public and may be dialled all the same. A URL that itself names an IP, or localhost,
   * allows exactly that origin.
   */
  allow_addresses: string[];
  /** How long a tag is served without asking again, ms. */
  ttl: number;
  /** How long "there is no such thing" holds, ms. */
  missing_ttl: number;
  /** What becomes of a cached tag that the upstream has no more. */
  gone: "keep" | "purge";
  /** Never asked: only what is cached is served. */
  offline: boolean;
  /** Globs over its own repository names; what none allows, or one denies, is refused. */
  allow: string[];
  deny: string[];
  /** Whether repositories below `name/` may be pushed to, by whom the policy lets; they then shadow the upstream's. */
  push: "deny" | "allow";
  /** Addresses where unqualified names are this upstream's, read only, with anonymous rights. */
  mirror_listen: ListenAddress[];
  /** Host names (`mirror.example.org`, or with a port) on the addresses of `listen` that do the same. */
  mirror_hosts: string[];
  /** `linux/amd64`: fetched at once with an index that is pulled; empty: none is. */
  platforms: string[];
  rate: {
    /** Requests a second at most, over all workers; undefined: no limit. */
    requests: number | undefined;
    /** Requests at the same time at most, over all workers. */
    concurrent: number;
  };
  /** How long the upstream may be silent, ms: to connect, to answer, within a body. */
  timeout: number;
  /** Bytes of one blob at most. */
  max_blob: number;
  /** Bytes kept of it at most; undefined: only `cache.max_bytes` counts. */
  max_bytes: number | undefined;
  /** Never evicted: globs over its repositories, `library/alpine`, or with a glob over tags, `library/alpine:3*`. */
  pinned: string[];
}

/** The `cache` section: what holds for all upstreams. */
export interface CacheConfig {
  /** Bytes kept of all upstreams; undefined: no limit. */
  max_bytes: number | undefined;
  /** Percent of a limit at which eviction begins, and to which it goes. */
  high_water: number;
  low_water: number;
}
