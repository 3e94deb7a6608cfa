import { z } from "zod";
import { formatDuration, parseDuration } from "./duration.ts";
import { keyFacts, oneOrMore, section, time } from "./fields.ts";
import type { UntaggedRule } from "./gc-config.ts";
import { parseRepositoryGlob } from "./globs.ts";
import { Unreadable, quoted } from "./unreadable.ts";
import * as values from "./values.ts";

const longest = 3650 * 86_400_000;

const untagged = z.strictObject({
  repositories: oneOrMore(values.reading(parseRepositoryGlob)),
  after: values.reading(parseAfter),
});

/** The `gc` section. */
export const gcSchema = section({
  enabled: values.yesOrNo().prefault(true),
  every: time("1h", "1s"),
  grace: time("24h", "1s", longest),
  untagged: z
    .preprocess(
      (value) => (typeof value === "string" ? [{ repositories: "**", after: value }] : value),
      z.array(untagged),
    )
    .prefault([])
    .register(keyFacts, { list: true, items: ["repositories", "after"], show: showUntagged }),
  referrers: values.word(["with-subject", "keep"]).prefault("with-subject"),
  high_water: values.wholeNumber(1, 100).prefault(90),
  pace: values.wholeNumber(1, 100).prefault(25),
});

function parseAfter(value: unknown): number | undefined {
  if (value === "keep") return undefined;
  if (typeof value !== "string" || !/^\d/.test(value))
    throw new Unreadable(`${quoted(value)}: write keep, or how long they stay, such as 30d`);
  const ms = parseDuration(value);
  if (ms <= longest) return ms;
  throw new Unreadable(`${quoted(value)}: must be at most ${longest / 86_400_000}d; or write keep`);
}

function showUntagged(rules: UntaggedRule[]) {
  return rules.map(({ repositories, after }) => ({
    repositories,
    after: after === undefined ? "keep" : formatDuration(after),
  }));
}
