/** What becomes of what nothing names any more: the `gc` section. */
export interface GcConfig {
  /** Whether the server collects by itself; `berth gc` does anyway. */
  enabled: boolean;
  /** ms between two runs. */
  every: number;
  /** How long (ms) a thing stays when nothing names it any more. */
  grace: number;
  /** The first rule whose globs match the repository holds; where none does, they are kept. */
  untagged: UntaggedRule[];
  /** What refers to a subject that isn't there (any more), signatures and SBOMs: whether it goes, too. */
  referrers: "with-subject" | "keep";
  /** Percent of the disk that the blobs lie on, over which a run begins at once; 100: never. */
  high_water: number;
  /** Percent of the time that a run works; the rest it leaves to clients. */
  pace: number;
}

export interface UntaggedRule {
  /** Globs over repository names. */
  repositories: string[];
  /** How long (ms) a manifest stays that no tag and no index names; undefined: it is kept. */
  after: number | undefined;
}
