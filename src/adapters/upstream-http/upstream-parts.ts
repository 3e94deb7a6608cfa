import type { UpstreamAllowance } from "#core/upstream.ts";

/** What an upstream is asked with. `identityToken`: of a docker config.json, sent to the token server alone. */
export type UpstreamCredentials =
  { username: string; password: string } | { token: string } | { identityToken: string };

/** What an upstream is made of. Most of it is the item of the configuration; see there. */
export interface UpstreamParts {
  name: string;
  /** Origin, with a path where /v2/ isn't at the root. */
  url: string;
  /**
   * Called for every request, so that a file may change meanwhile: must be cheap. undefined: anonymous.
   * What it throws reaches the caller.
   */
  credentials(): Promise<UpstreamCredentials | undefined>;
  /** `host` (of the scheme's own port) or `host:port` of token servers, beside the origin itself. */
  realms: readonly string[];
  /** PEM of CAs beside the system's. */
  ca: string | undefined;
  /** `http://[user:password@]host:port` or https. */
  proxy: string | undefined;
  no_proxy: readonly string[];
  allow_addresses: readonly string[];
  rate: {
    /** Requests a second; undefined: no limit. */
    requests: number | undefined;
    concurrent: number;
  };
  /** ms of silence: to connect, to answer, within a body. */
  timeout: number;
  userAgent: string;
  /** What the upstream said of how much may still be asked. */
  onAllowance?(allowance: UpstreamAllowance): void;
  /** Names → addresses. Default: the system's. */
  lookup?: Lookup;
  /** A clock for the tokens' life, ms. Default: Node's, which nobody sets. */
  now?(): number;
}

export type Lookup = (hostname: string) => Promise<{ address: string; family: number }[]>;
