/**
 * What only one process of all servers may do at a time, or what others must mind while it goes on: rows that
 * end by themselves when their holder is gone. Times are those of the metadata store's own clock, so servers
 * whose clocks differ agree. Implementations pass test/contract/metadata/leases.ts.
 */
export interface Leases {
  /**
   * The lease for `ttl` ms, unless another holder has it; its own holder gets it prolonged. `fence` grows each
   * time the holder changes, so that what was done under an older one can be told apart.
   */
  take(name: string, holder: string, ttl: number): Promise<Lease | undefined>;
  /** Prolongs it; false when it ended or another has it by now: the work under it must stop. */
  renew(lease: Lease, ttl: number): Promise<boolean>;
  /** Gives it back at once. One that is not held any more is fine. */
  release(lease: Lease): Promise<void>;
  /** Names of the leases that are held now and begin with `prefix`, bytewise. */
  held(prefix: string): Promise<string[]>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
}
