/** One thing that didn't come over as it should, for people. */
export interface Finding {
  /** As the source spells it. */
  readonly repository: string;
  /** A tag, a digest, a path; the repository itself where it is about that. */
  readonly subject: string;
  readonly why: string;
}

/** What an import did; of a dry run, what it would do. */
export interface ImportReport {
  repositories: number;
  tags: { set: number; there: number };
  manifests: { stored: number; there: number };
  /** `mounted`: in Berth already, for another repository; `there`: in this one. */
  blobs: { copied: number; cloned: number; linked: number; mounted: number; there: number };
  /** Of the blobs copied, cloned and linked. */
  bytes: number;
  /** What the source has and Berth hasn't. */
  leftOut: Finding[];
  /** What the source itself lacks although something in it names it. */
  lacking: Finding[];
  /** Blobs that the source's repositories still list, that no manifest needs, and whose bytes it removed. */
  stale: number;
}

export function emptyReport(): ImportReport {
  return {
    repositories: 0,
    tags: { set: 0, there: 0 },
    manifests: { stored: 0, there: 0 },
    blobs: { copied: 0, cloned: 0, linked: 0, mounted: 0, there: 0 },
    bytes: 0,
    leftOut: [],
    lacking: [],
    stale: 0,
  };
}
