import { z } from "zod";
import { keyFacts, oneOrMore, section } from "./fields.ts";
import { parseRepositoryGlob, parseTagGlob } from "./globs.ts";
import { withDefaultRule } from "./missing-references.ts";
import * as values from "./values.ts";
import { parseWho } from "./who.ts";

const repositories = oneOrMore(values.reading(parseRepositoryGlob));
const who = oneOrMore(values.reading(parseWho));
const actions = ["pull", "push", "overwrite", "delete"] as const;
const action = values.word([...actions, "*"]);

const rule = z.strictObject({
  name: values.text().optional(),
  repositories,
  who,
  allow: oneOrMore(action).transform((words) =>
    actions.filter((one) => words.includes("*") || words.includes(one)),
  ),
});

const tags = oneOrMore(values.reading(parseTagGlob));
const immutable = z.strictObject({ repositories, tags, except: tags.prefault([]) });

const missing = z.strictObject({
  repositories: values.reading(parseRepositoryGlob),
  allow: values.word(["none", "index", "any"]),
});

/** The `policy` section. */
export const policySchema = section({
  rules: z
    .array(rule)
    .prefault([])
    .register(keyFacts, { list: true, items: ["name", "repositories", "who", "allow"] }),
  namespaces: values.word(["user", "none"]).prefault("user"),
  immutable_tags: z
    .array(immutable)
    .prefault([])
    .register(keyFacts, { list: true, items: ["repositories", "tags", "except"] }),
  metrics: who.prefault([]).register(keyFacts, { list: true }),
  missing_references: z
    .preprocess(
      (value) => (typeof value === "string" ? [{ repositories: "**", allow: value }] : value),
      z.array(missing),
    )
    .transform(withDefaultRule)
    .prefault("index")
    .register(keyFacts, { list: true, items: ["repositories", "allow"] }),
});
