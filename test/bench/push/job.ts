/** What a push client is told on stdin, as JSON. */
export interface PushJob {
  host: string;
  port: number;
  /**
   * `small`: POST, then PUT with the bytes, in one write each. `monolithic`: the same with large bodies.
   * `patch`: POST, PATCH with a length, empty PUT. `chunked`: the PATCH in transfer chunks, without a length.
   * `pieces`: a PATCH for each `piece` bytes of it, with Content-Range, then an empty PUT.
   * `mount`: POST ?mount=&from= of `blobs`, each into repositories that lack it.
   */
  kind: "small" | "monolithic" | "patch" | "chunked" | "pieces" | "mount";
  /** Target; a mount appends a number. */
  repository: string;
  connections: number;
  /** Size of a blob, bytes. */
  size: number;
  /** Pushes that aren't counted: so many seconds, at least one on each connection; 0 for none. */
  warmup: number;
  /** No push begins after so many seconds; at least one on each connection. */
  seconds: number;
  /** Pushes at most, per phase. */
  most: number;
  /** What a latency is of: the whole push (the default) or its last PUT alone. */
  timed?: "push" | "put";
  /** `pieces` only: bytes, whole MiB. */
  piece?: number;
  /** Each request on a connection of its own. */
  reconnect?: boolean;
  /** `mount` only. */
  from?: string;
  blobs?: string[];
}

/** What it prints on stdout, as JSON. Times in ms but for `seconds`. */
export interface PushReport {
  operations: number;
  bytes: number;
  seconds: number;
  p50: number;
  p99: number;
  /** Digests of all blobs pushed, when there are few. */
  digests: string[];
}
