import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { keys } from "#config/keys.ts";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const day = 86_400_000;
const retentionOf = (file?: string) => load({ file }).config.retention;
const faults = (rules: string) => faultsOf({ file: `retention:\n  rules: ${rules}` }).join("\n");

test("without rules nothing is removed, and what somebody deletes can come back for a week", () => {
  assert.deepEqual(retentionOf(), { every: day, undo: 7 * day, rules: [] });
});

test("a rule is about all tags of its repositories unless it says otherwise", () => {
  const rules =
    "[{ repositories: team/*, keep: { newest: 10 } }, { repositories: [a, b], tags: v*, except: v0.*, keep: none }]";
  const nothing = { newer_than: undefined, pulled_within: undefined, tags: [], semver_per_minor: undefined };
  assert.deepEqual(retentionOf(`retention: { every: 1h, undo: 0s, rules: ${rules} }`), {
    every: 3_600_000,
    undo: 0,
    rules: [
      {
        ...{ name: undefined, repositories: ["team/*"], tags: ["*"], except: [] },
        keep: { newest: 10, ...nothing },
      },
      { ...{ name: undefined, repositories: ["a", "b"], tags: ["v*"], except: ["v0.*"] }, keep: "none" },
    ],
  });
});

test("a rule that keeps nothing is a fault, unless it says so", () => {
  const places = ["[{ repositories: a }]", "[{ repositories: a, keep: {} }]", "[{ repositories: a, keep: }]"];
  for (const rules of [...places, "[{ repositories: a, keep: { tags: [] } }]"])
    assert.match(faults(rules), /^retention\.rules\[0\]\.keep .*keeps nothing, .*keep: none/, rules);
});

test("what is misspelt or out of bounds is a fault at its place", () => {
  assert.match(
    faults("[{ repositories: a, keep: never }]"),
    /rules\[0\]\.keep .*must be none, or a mapping with/,
  );
  assert.match(
    faults("[{ repositories: a, keep: { newset: 3 } }]"),
    /rules\[0\]\.keep\.newset .*is not a key of Berth; did you mean "newest"\?/,
  );
  assert.match(faults("[{ repositories: a, keep: { newest: 0 } }]"), /rules\[0\]\.keep\.newest .*from 1 to/);
  assert.match(faults("[{ repositories: a, keep: { newer_than: 30 } }]"), /newer_than .*is not a duration/);
  assert.match(faults("[{ repositories: A, keep: none }]"), /rules\[0\]\.repositories.* is not a pattern/);
  assert.match(faults("[{ keep: none }]"), /rules\[0\]\.repositories.* is missing/);
});

test("what is in force reads back as a file", () => {
  const rules =
    "[{ name: x, repositories: a, tags: v*, except: b, keep: { newest: 1, newer_than: 30d, pulled_within: 12h, " +
    "tags: c, semver_per_minor: 2 } }, { repositories: c, keep: none }]";
  const { config, origins } = load({ file: `retention: { rules: ${rules} }` });
  assert.deepEqual(retentionOf(showConfig(config, origins)), config.retention);
});

test("config/default.yaml shows every key of a rule, as a list that is good as it stands", () => {
  const text = readFileSync(new URL("../../config/default.yaml", import.meta.url), "utf8");
  const [, commented = ""] = /^( {2}# rules:\n {2}# {3}# For people\.\n(?: {2}# .*\n)+)/m.exec(text) ?? [];
  const list = commented.replace(/^ {2}# ?/gm, "");
  assert.equal(load({ file: `retention:\n${list.replace(/^/gm, "  ")}` }).config.retention.rules.length, 3);
  for (const key of keys.find(({ name }) => name === "retention.rules")?.items ?? [])
    assert.match(list, new RegExp(`^ *(- )?${key.split(".").at(-1)}:( |$)`, "m"), key);
});
