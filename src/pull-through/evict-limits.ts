/** How much may be kept of what came from upstreams; a configuration fits. Bytes; undefined: no limit. */
export interface CacheLimits {
  readonly upstreams: readonly UpstreamLimit[];
  readonly cache: {
    readonly max_bytes: number | undefined;
    /** Percent of a limit at which eviction begins, and to which it goes. */
    readonly high_water: number;
    readonly low_water: number;
  };
}

export interface UpstreamLimit {
  readonly name: string;
  readonly max_bytes: number | undefined;
  /** Never evicted: `library/alpine`, or with a glob over tags, `library/alpine:3*`. */
  readonly pinned: readonly string[];
}
