import type { IncomingMessage } from "#http/edge/context.ts";

/** What this door calls; `app` hands it the service, whose shape fits. */
export interface TokenNeeds {
  tokens: {
    issue(request: {
      proof:
        | { kind: "none" }
        | { kind: "password"; name: string; secret: string }
        | { kind: "refresh"; token: string }
        | { kind: "workload"; token: string };
      /** As sent: each may hold several. */
      scopes: readonly string[];
      /** Name of the client that wants a refresh token. */
      offline: string | undefined;
      address: string;
      request: string;
    }): Promise<IssuedToken>;
    jwks(): Promise<object>;
  };
  /** What the challenge calls `service`. */
  service: string;
  /** The client's address. */
  client(request: IncomingMessage): string;
  /** Longest silence inside a body, ms. */
  bodyIdle: number;
}

export interface IssuedToken {
  token: string;
  /** Seconds. */
  expiresIn: number;
  /** ms since the epoch. */
  issuedAt: number;
  /** What it grants. */
  scope: string;
  refreshToken: string | undefined;
  /** Who got it. */
  name: string;
}
