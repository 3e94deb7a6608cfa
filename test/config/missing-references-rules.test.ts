import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

const rulesOf = (file?: string) => load({ file }).config.policy.missing_references;

test("the default, and one word, hold for all repositories", () => {
  assert.deepEqual(rulesOf(), [{ repositories: "**", allow: "index" }]);
  assert.deepEqual(rulesOf("policy: { missing_references: any }"), [{ repositories: "**", allow: "any" }]);
});

test("a list without a rule for all repositories ends with the default", () => {
  assert.deepEqual(rulesOf("policy: { missing_references: [{ repositories: a/*, allow: none }] }"), [
    { repositories: "a/*", allow: "none" },
    { repositories: "**", allow: "index" },
  ]);
  const whole = 'policy: { missing_references: [{ repositories: "**", allow: none }] }';
  assert.deepEqual(rulesOf(whole), [{ repositories: "**", allow: "none" }]);
});

test("a wrong word or pattern is a fault at its place", () => {
  const faults = (value: string) => faultsOf({ file: `policy:\n  missing_references: ${value}` }).join("\n");
  assert.match(faults("idnex"), /^policy\.missing_references \(.*\): "idnex": .* did you mean "index"\?/);
  assert.match(
    faults("[index]"),
    /^policy\.missing_references\[0\] .* must have the keys repositories and allow/,
  );
  assert.match(faults("5"), /must be a list/);
  for (const glob of ["A/*", "a//b", "/a", "a/", "a**", "a b", '""']) {
    assert.match(
      faults(`[{ repositories: ${glob}, allow: any }]`),
      /^policy\.missing_references\[0\]\.repositories/,
    );
  }
});
