/** How everything that is stored is read again: the `scrub` section. */
export interface ScrubConfig {
  /** Whether the server scrubs by itself; `berth scrub` does anyway. */
  enabled: boolean;
  /** ms from the beginning of a round to that of the next. */
  every: number;
  /** At which rate blobs are read by the server itself. */
  bytes_per_second: number;
}
