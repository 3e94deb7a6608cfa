/** The servers that share one metadata store, as each tells of itself. Passes test/contract/metadata/servers.ts. */
export interface Servers {
  /** "I am here": replaces what this server said before and forgets who was silent for `ttl` ms. The others that are left. */
  report(server: ServerReport, ttl: number): Promise<ServerReport[]>;
  /** This server stops. */
  leave(id: string): Promise<void>;
}

export interface ServerReport {
  /** Made anew at each start. */
  readonly id: string;
  /** For people: host name and address. */
  readonly name: string;
  /** By section of the configuration (`policy`, …), a hash of the rules in force. */
  readonly rules: Readonly<Record<string, string>>;
}
