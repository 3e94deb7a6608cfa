/** What belongs to an image, and how it is told to come. */
export interface WarmWanted {
  /** `linux/amd64`, `linux/arm/v7`: children of an index to bring; empty: all of them. */
  platforms: readonly string[];
  /** Signatures, attestations and what else refers to the image, too. */
  referrers: boolean;
  /**
   * The upstream's tags that say something of an image (`isAboutAnother`), where its tag list is known; without them it
   * is asked for each that there may be.
   */
  aboutOthers?: ReadonlySet<string>;
}

export interface WarmProgress {
  /** So many more bytes are to come; negative: fewer. */
  expect(bytes: number): void;
  /** So many came. */
  add(bytes: number): void;
}

export interface Brought {
  fetched: number;
  /** Was here already. */
  had: number;
}

export interface WarmReport {
  manifests: Brought;
  blobs: Brought;
  /** That came from the upstream. */
  bytes: number;
  /** Manifests beyond what one image may have; see warming.ts. */
  leftOut: number;
  /** What failed; the rest came. */
  faults: unknown[];
}
