import type { TagFacts } from "#core/metadata/tag-room.ts";
import type { Ranks } from "./ranks.ts";
import type { Rule } from "./rules.ts";

/** Whether a rule keeps a tag, and what of it. */
export interface Verdict {
  kept: boolean;
  /** For people. */
  why: string;
}

export interface Moment {
  /** ms since the epoch. */
  now: number;
  /** Since when pulls are known. */
  pullsKnownSince: number;
}

/** What the rule says about a tag that it is about: kept by the first of its keeps that holds. */
export function decide(rule: Rule, tag: TagFacts, ranks: Ranks, moment: Moment): Verdict {
  const { keep } = rule;
  if (keep === "none") return { kept: false, why: "the rule keeps none" };
  const missed: string[] = [];
  for (const verdict of verdicts(rule, keep, tag, ranks, moment)) {
    if (verdict.kept) return verdict;
    missed.push(verdict.why);
  }
  return { kept: false, why: missed.join(", ") };
}

/** One for each keep that the rule has. */
function* verdicts(
  rule: Rule,
  keep: Exclude<Rule["keep"], "none">,
  tag: TagFacts,
  ranks: Ranks,
  { now, pullsKnownSince }: Moment,
): Generator<Verdict, void, void> {
  const { newest, newer_than, pulled_within, semver_per_minor } = keep;
  if (keep.tags.length > 0) {
    const found = keep.tags.find(({ matches }) => matches(tag.name));
    yield found
      ? { kept: true, why: `its name is kept (${found.glob})` }
      : { kept: false, why: "its name isn't kept" };
  }
  if (semver_per_minor !== undefined) {
    const highest = ranks.highest(rule, tag);
    if (highest === undefined) yield { kept: false, why: "no version such as 1.2.3" };
    else {
      const { minor, among } = highest;
      const of = semver_per_minor === 1 ? "the highest" : `among the ${semver_per_minor} highest`;
      yield { kept: among, why: `${among ? "" : "not "}${of} of ${minor}` };
    }
  }
  if (newest !== undefined) {
    const kept = ranks.isNewest(rule, tag);
    yield { kept, why: `${kept ? "" : "not "}${newest === 1 ? "the newest" : `among the ${newest} newest`}` };
  }
  if (newer_than !== undefined) {
    const kept = tag.updatedAt > now - newer_than;
    yield { kept, why: `${kept ? "newer" : "older"} than ${span(newer_than)}` };
  }
  if (pulled_within !== undefined) yield pulled(tag, pulled_within, now, pullsKnownSince);
}

function pulled({ pulledAt }: TagFacts, within: number, now: number, knownSince: number): Verdict {
  if (pulledAt !== undefined && pulledAt > now - within)
    return { kept: true, why: `pulled within ${span(within)}` };
  if (knownSince > now - within)
    return {
      kept: true,
      why: `pulls are known since ${new Date(knownSince).toISOString().slice(0, 10)} only`,
    };
  return { kept: false, why: pulledAt === undefined ? "never pulled" : `not pulled within ${span(within)}` };
}

const units: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** As the configuration spells it: `30d`. */
function span(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
