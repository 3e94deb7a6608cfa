import { compileGlob } from "#kit/glob.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/** A rule as the configuration says it. */
export interface RetentionRule {
  name: string | undefined;
  /** Globs. */
  repositories: readonly string[];
  tags: readonly string[];
  except: readonly string[];
  keep: RetentionKeep | "none";
}

export interface RetentionKeep {
  newest: number | undefined;
  /** ms */
  newer_than: number | undefined;
  /** ms */
  pulled_within: number | undefined;
  /** Globs. */
  tags: readonly string[];
  semver_per_minor: number | undefined;
}

/** A rule made ready for many tags. */
export interface Rule {
  /** Its name, or its place: `retention.rules[2]`. */
  title: string;
  /** Its place in the list. */
  place: number;
  covers(repository: RepositoryName): boolean;
  /** Whether it is about a tag of a repository that it covers. */
  about(tag: Tag): boolean;
  keep: (Omit<RetentionKeep, "tags"> & { tags: { glob: string; matches(tag: Tag): boolean }[] }) | "none";
}

export function compileRules(rules: readonly RetentionRule[]): Rule[] {
  return rules.map(({ name, repositories, tags, except, keep }, at) => {
    const named = anyOf(tags);
    const excepted = anyOf(except);
    return {
      title: name ?? `retention.rules[${at}]`,
      place: at,
      covers: anyOf(repositories),
      about: (tag) => named(tag) && !excepted(tag),
      keep:
        keep === "none"
          ? keep
          : { ...keep, tags: keep.tags.map((glob) => ({ glob, matches: compileGlob(glob) })) },
    };
  });
}

function anyOf(globs: readonly string[]): (name: string) => boolean {
  const compiled = globs.map(compileGlob);
  return (name) => compiled.some((matches) => matches(name));
}
