/** What a pull client is told on stdin, as JSON. */
export interface PullJob {
  host: string;
  port: number;
  images: Image[];
  /**
   * `shared`: so many clients, each takes the next image when it has its own. `crowd`: every client pulls every
   * image, all at the same time.
   */
  kind: "shared" | "crowd";
  clients: number;
  /** Images at the front that are pulled first and not counted. */
  warmup: number;
  /** Whether blobs are hashed and compared with their digests, as docker does; else they are only counted. */
  hash: boolean;
  /** `shared` only: starts over with the first image until so many seconds are up. */
  seconds?: number;
  /** `crowd` only: all break off when each has the first byte of its layer. */
  onlyFirstBytes?: boolean;
}

export interface Image {
  /** With what the server wants before it. */
  repository: string;
  tag: string;
}

/** What it prints on stdout, as JSON. */
export interface PullReport {
  /** Bytes of manifests, configs and layers. */
  bytes: number;
  /** From the first request to the last byte. */
  seconds: number;
  /** ms that each whole pull took. */
  pulls: number[];
  /** ms from asking for the first layer to its first byte, of each pull, in the order of their asking. */
  firstBytes: number[];
  /** Pulls that weren't whole; what the first ones say. */
  failed: number;
  faults: string[];
}
