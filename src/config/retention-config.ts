/** The `retention` section: which tags of hosted repositories go by themselves. */
export interface RetentionConfig {
  /** ms between two runs. */
  every: number;
  /** A removed tag can come back for so long, ms. */
  undo: number;
  /** The first whose repositories and tags match decides about a tag; without one the tag stays. */
  rules: RetentionRule[];
}

export interface RetentionRule {
  /** For people; undefined: its place in the list. */
  name: string | undefined;
  /** Globs over repository names. */
  repositories: string[];
  /** Globs over tags: `*` any text, `?` one character. */
  tags: string[];
  /** Globs over tags that the rule isn't about. */
  except: string[];
  /** `none`: it removes all that it is about. */
  keep: RetentionKeep | "none";
}

/** A tag stays when one of these says so; at least one is there. */
export interface RetentionKeep {
  /** So many tags that were set last, of those that the rule is about. */
  newest: number | undefined;
  /** Tags that were set less than so many ms ago. */
  newer_than: number | undefined;
  /** Tags whose manifest was pulled, by whichever name, less than so many ms ago. */
  pulled_within: number | undefined;
  /** Globs over tags. */
  tags: string[];
  /** Of each minor version (1.2) so many versions, the highest ones. */
  semver_per_minor: number | undefined;
}
