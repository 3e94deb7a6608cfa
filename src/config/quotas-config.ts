/** How much may be stored: an item of the `quotas` list. */
export interface QuotaConfig {
  /** For people; undefined: its place in the list. */
  name: string | undefined;
  /** Globs over repository names; empty where `per` is `user`. */
  repositories: string[];
  /** What has so much: all these repositories together, each by itself, or each account by what it brought anywhere. */
  per: "all" | "repository" | "user";
  /** Where `per` is `user`: whose, in the words of `policy.rules[].who`; empty: every account's. */
  users: string[];
  /** At least one of the two is there. */
  bytes: number | undefined;
  tags: number | undefined;
}
