import type { TagFacts } from "#core/metadata/tag-room.ts";
import { compareVersions, parseVersion, type Version } from "#kit/semver.ts";
import type { Rule } from "./rules.ts";
import { topOf, type TopOf } from "./top-of.ts";

type Placed = Pick<TagFacts, "name" | "updatedAt">;

/** Where the tags of one repository stand among those that the same rule decides. */
export interface Ranks {
  add(rule: Rule, tag: Placed): void;
  /** Whether it is among the `newest` that were set last. */
  isNewest(rule: Rule, tag: Placed): boolean;
  /** Whether it is among the highest of its minor version; undefined: it is no version. */
  highest(rule: Rule, tag: Placed): { minor: string; among: boolean } | undefined;
}

/** Versions with and without `v` are the same one. Memory: as many tags as the rules keep. */
export function createRanks(): Ranks {
  const newest = new Map<number, TopOf<Placed>>();
  const minors = new Map<string, TopOf<Version>>();

  function newestOf({ place, keep }: Rule): TopOf<Placed> | undefined {
    if (keep === "none" || keep.newest === undefined) return undefined;
    const most = keep.newest;
    return remembered(newest, place, () => topOf(most, newerFirst));
  }

  function versionOf({ place, keep }: Rule, { name }: Placed) {
    const version = parseVersion(name);
    if (version === undefined || keep === "none" || keep.semver_per_minor === undefined) return undefined;
    const most = keep.semver_per_minor;
    const minor = `${version.major}.${version.minor}`;
    const top = remembered(minors, `${place} ${minor}`, () => topOf(most, higherFirst));
    return { version, minor, top };
  }

  return {
    add(rule, tag) {
      newestOf(rule)?.add({ name: tag.name, updatedAt: tag.updatedAt });
      const of = versionOf(rule, tag);
      of?.top.add(of.version);
    },
    isNewest: (rule, tag) => newestOf(rule)?.includes(tag) ?? false,
    highest(rule, tag) {
      const of = versionOf(rule, tag);
      return of && { minor: of.minor, among: of.top.includes(of.version) };
    },
  };
}

function newerFirst(a: Placed, b: Placed): number {
  return b.updatedAt - a.updatedAt || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function higherFirst(a: Version, b: Version): number {
  return compareVersions(b, a);
}

function remembered<K, T>(all: Map<K, T>, key: K, make: () => T): T {
  let one = all.get(key);
  if (one === undefined) all.set(key, (one = make()));
  return one;
}
