/** Where connections to a held port go that the firewall doesn't lead there itself (of IPv6, of ::1). */
export interface PortTarget {
  address: string;
  port: number;
}

/** A port of this host that is bound, so that nobody else gets it. */
export interface HeldPort {
  port: number;
  /** Undefined: nobody is answered. */
  lead(target: PortTarget | undefined): void;
  close(): Promise<void>;
}
