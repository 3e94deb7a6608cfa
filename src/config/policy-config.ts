/** Who may do what: the `policy` section. */
export interface PolicyConfig {
  /** Each allows something; what no rule allows is denied. */
  rules: PolicyRule[];
  /** `user`: repositories below a user's name belong to that user. */
  namespaces: "user" | "none";
  immutable_tags: ImmutableTags[];
  /** Who may read /metrics (beside admins). */
  metrics: string[];
  missing_references: MissingReferencesRule[];
}

export interface PolicyRule {
  /** For the audit log and `berth policy test`; undefined: its place in the list. */
  name: string | undefined;
  /** Globs over repository names. */
  repositories: string[];
  /** `user:NAME`, `robot:NAME`, `group:NAME`, `workload:NAME`, `signed-in`, `anonymous` (everybody). */
  who: string[];
  allow: ("pull" | "push" | "overwrite" | "delete")[];
}

/** Tags that can be created, and then neither moved nor removed. */
export interface ImmutableTags {
  repositories: string[];
  /** Globs over tags: `*` any text, `?` one character. */
  tags: string[];
  except: string[];
}

export interface AuditConfig {
  /** `auto`: where auth is on. */
  enabled: boolean | "auto";
  /** Pulls too, not only changes, sign-ins and refusals. */
  reads: boolean;
  /** JSON lines beside the table: a file (absolute), or undefined. */
  file: string | undefined;
  /** Older entries are dropped from the table, ms. */
  keep: number;
}

/** The first rule whose glob matches the repository holds. */
export interface MissingReferencesRule {
  /** Glob over repository names: `*` inside one component, `**` over any number. */
  repositories: string;
  /** What a manifest may name that the repository lacks: nothing, children of an index, anything. */
  allow: "none" | "index" | "any";
}
