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
  /**
   * `host` (of the scheme's own port) or `host:port` of token servers, beside the origin itself. "any": whichever the
   * registry names, with TLS where it has TLS itself: for whoever signs in there by his own will, as docker does.
   */
  realms: readonly string[] | "any";
  /** PEM of CAs beside the system's. */
  ca: string | undefined;
  /** Takes any certificate. */
  insecure?: boolean;
  /** What tokens are asked for. Default: pull. */
  scope?: "pull" | "push";
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
