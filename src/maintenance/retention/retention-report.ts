import type { RepositoryName } from "#oci/reference.ts";

/** What a run came to. */
export interface RetentionReport {
  repositories: number;
  tags: number;
  kept: number;
  removed: number;
  /** The rules changed meanwhile: the rest is left to another run. */
  stopped: boolean;
}

/** One repository with tags that were removed. */
export interface RepositoryReport {
  repository: RepositoryName;
  tags: number;
  removed: number;
  /** By the titles of the rules. */
  rules: Record<string, number>;
}

/** Who looks on at a run. */
export interface RetentionWatch {
  /** Of each repository that lost tags, when it is through. */
  removed(report: RepositoryReport): void;
  /** So many tags were decided on. */
  looked?(tags: number): void;
}
