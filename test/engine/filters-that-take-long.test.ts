import assert from "node:assert/strict";
import { test } from "node:test";
import { passes } from "#engine/containers/filters.ts";
import { sampleRecord } from "./harness/sample-container.ts";

const record = sampleRecord({ id: "a".repeat(64), name: `web_${"a".repeat(200)}` });
const found = (key: string, pattern: string) =>
  passes(record, new Map([[key, [pattern]]]), { find: () => record, descendsFrom: () => false });

test("names are found by a part and by a pattern", () => {
  for (const pattern of ["web_a", "^/?web_a+$", "^/(db|web)_", "w.b", ".*a$"])
    assert.ok(found("name", pattern), pattern);
  for (const pattern of ["^a", "db", "[", "web_$"]) assert.ok(!found("name", pattern), pattern);
});

test("a pattern that would be tried for ever finds nothing, at once", () => {
  for (const pattern of [
    "(.|.)*x",
    "(a|a)+$b",
    "(a*)*x",
    "(a?){40}x",
    `${"a?".repeat(60)}${"b".repeat(3)}`,
    `${".*".repeat(20)}x`,
    "(?:a|aa)+?x",
  ])
    for (const key of ["name", "id"]) assert.ok(!found(key, pattern), pattern);
});
