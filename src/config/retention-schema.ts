import { z } from "zod";
import { formatDuration } from "./duration.ts";
import { keyFacts, oneOrMore, section, time } from "./fields.ts";
import { parseRepositoryGlob, parseTagGlob } from "./globs.ts";
import type { RetentionKeep, RetentionRule } from "./retention-config.ts";
import * as values from "./values.ts";

const day = 86_400_000;
const longest = 36_500 * day;
const tags = oneOrMore(values.reading(parseTagGlob));

const keepFields = z.strictObject({
  newest: values.wholeNumber(1, 100_000).optional(),
  newer_than: values.duration("1s", longest).optional(),
  pulled_within: values.duration("1s", longest).optional(),
  tags: tags.prefault([]),
  semver_per_minor: values.wholeNumber(1, 100_000).optional(),
});

const without =
  "keeps nothing, so the rule would remove every tag that it is about: write what stays, such as " +
  "keep: {newest: 10}, or keep: none where that is meant";

const keep = z.unknown().transform((value, context): RetentionKeep | "none" => {
  if (value === "none") return value;
  const fault = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  if (value === undefined || value === null) return fault(without);
  if (typeof value !== "object" || Array.isArray(value))
    return fault(`must be none, or a mapping with the keys ${Object.keys(keepFields.shape).join(", ")}`);
  const read = keepFields.safeParse(value);
  if (!read.success) {
    for (const issue of read.error.issues) context.issues.push({ ...issue, input: value } as never);
    return z.NEVER;
  }
  const { newest, newer_than, pulled_within, tags, semver_per_minor } = read.data;
  const counts = [newest, newer_than, pulled_within, semver_per_minor];
  if (tags.length === 0 && counts.every((count) => count === undefined)) return fault(without);
  return { newest, newer_than, pulled_within, tags, semver_per_minor };
});

const rule = z
  .strictObject({
    name: values.text().optional(),
    repositories: oneOrMore(values.reading(parseRepositoryGlob)),
    tags: tags.prefault(["*"]),
    except: tags.prefault([]),
    keep,
  })
  .transform((read): RetentionRule => ({ ...read, name: read.name }));

const items = [
  ...["name", "repositories", "tags", "except", "keep"],
  ...Object.keys(keepFields.shape).map((key) => `keep.${key}`),
];

/** The `retention` section. */
export const retentionSchema = section({
  every: time("24h", "1m"),
  undo: time("7d", "0s", 3650 * day),
  rules: z
    .array(rule)
    .prefault([])
    .register(keyFacts, { list: true, items, show: (rules: RetentionRule[]) => rules.map(shown) }),
});

/** As the file would spell it. */
function shown({ name, repositories, tags, except, keep }: RetentionRule): Record<string, unknown> {
  return {
    ...(name === undefined ? {} : { name }),
    repositories,
    tags,
    ...(except.length === 0 ? {} : { except }),
    keep: keep === "none" ? keep : shownKeep(keep),
  };
}

function shownKeep({ newest, newer_than, pulled_within, tags, semver_per_minor }: RetentionKeep) {
  const all = {
    newest,
    newer_than: newer_than && formatDuration(newer_than),
    pulled_within: pulled_within && formatDuration(pulled_within),
    tags: tags.length === 0 ? undefined : tags,
    semver_per_minor,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
