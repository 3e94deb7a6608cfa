/**
 * The configuration after parsing: every default filled in, sizes in bytes, durations in milliseconds.
 * Keys are spelled as in the YAML file, so that a message, the file and the code say the same word.
 */
export interface Config {
  /** Addresses to serve on. */
  listen: ListenAddress[];
  /** Folder for everything that Berth stores. Absolute. */
  data: string;
  /** Origin that clients use, e.g. `https://registry.example.org`; makes Location headers absolute. */
  external_url: string | undefined;
  /** Peers (IP or CIDR) whose X-Forwarded-* headers are believed. */
  trusted_proxies: string[];
  storage: { disk: DiskStorageConfig };
  uploads: {
    /** A session without traffic for so long is purged. */
    expire_after: number;
    /** How often stale sessions are looked for. */
    purge_interval: number;
  };
  limits: LimitsConfig;
  /** Serving processes; `auto` in the file becomes a number here. */
  workers: number;
  log: { level: "trace" | "debug" | "info" | "warn" | "error" | "silent"; access: boolean };
  /** Undefined: open on loopback only. */
  auth: { mode: "none" } | undefined;
  policy: { missing_references: MissingReferencesRule[] };
}

/** `host:port`; port 0 lets the system choose. */
export interface ListenAddress {
  /**
   * An IP address (IPv6 without brackets), a host name as written, or the empty string for every address
   * of this machine (what `net.Server.listen` makes of an empty host).
   */
  host: string;
  port: number;
}

export interface DiskStorageConfig {
  /** Folder of the blobs and of uploads in progress. Absolute; `storage` below `data` by default. */
  path: string;
  /** Hash every blob while it is served whole, and break off before the last bytes when it doesn't match. */
  verify_reads: boolean;
  /** Write large uploads past the page cache where the file system can: less copying, steadier memory. */
  direct_writes: boolean;
}

export interface LimitsConfig {
  /** Largest manifest, bytes; larger is 413. */
  manifest_size: number;
  /** `?tag=` parameters of one manifest PUT; more is 414. */
  tags_per_put: number;
  /** Largest page of tags, repositories or referrers; larger `n` is clamped. */
  page_size: number;
  /** Uploads receiving at the same time, over all workers; more get 503 with Retry-After. */
  concurrent_uploads: number;
  /** Time for a client to send its request line and headers, ms. */
  header_timeout: number;
  /** Longest silence inside a request or response body, ms. There is no limit for the whole body. */
  body_idle_timeout: number;
  /** How long an idle connection is kept, ms. Longer than the proxy's in front (nginx: 60 s). */
  keep_alive_timeout: number;
  /** How long SIGTERM waits for running requests, ms. */
  drain_timeout: number;
}

/** The first rule whose glob matches the repository holds. */
export interface MissingReferencesRule {
  /** Glob over repository names: `*` inside one component, `**` over any number. */
  repositories: string;
  /** What a manifest may name that the repository lacks: nothing, children of an index, anything. */
  allow: "none" | "index" | "any";
}
