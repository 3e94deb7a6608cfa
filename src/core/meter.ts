/** Counts what the doors did. Implemented by adapters/prometheus. */
export interface Meter {
  request(seen: SeenRequest): void;
}

export interface SeenRequest {
  /** Name of the route, never the path: paths are unbounded. */
  route: string;
  method: string;
  status: number;
  seconds: number;
  /** Body bytes. */
  received: number;
  sent: number;
  /** X-Cache of the answer; undefined: not of an upstream. */
  cache?: string | undefined;
}
