import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGlob } from "#kit/glob.ts";

// With more than two wildcards a glob is matched another way, by the same rules.
for (const [glob, yes, no] of [
  ["a*b*c*", ["abc", "axxbyyczz", "abcabc"], ["ab", "a/bc", "abc/", "xabc"]],
  ["*/*/*", ["a/b/c", "a/b/"], ["a/b", "a/b/c/d"]],
  ["**/a*/*b/**", ["ax/xb", "q/r/a/b/c/d", "a/b"], ["ax", "b/a", "a/b/", "a/b//c"]],
  ["a/**/*b/**", ["a/b", "a/x/y/b/z"], ["a", "b", "a/c", "a//b"]],
  ["a?c?e?", ["abcdef"], ["abcde", "a/cdef", "abcde/"]],
  ["v*.*.*", ["v1.2.3", "v..", "v1.2.3.4"], ["v1.2", "1.2.3"]],
] as const)
  test(`${glob} matches as globs with fewer wildcards do`, () => {
    const matches = compileGlob(glob);
    for (const name of yes) assert.ok(matches(name), name);
    for (const name of no) assert.ok(!matches(name), name);
  });

test("hundreds of wildcards end soon", () => {
  for (const glob of [
    "*a".repeat(120) + "*b",
    "*?".repeat(120),
    `a${"/**".repeat(80)}/b`,
    "**/*".repeat(60),
  ]) {
    const matches = compileGlob(glob);
    for (const name of ["a".repeat(255), "a/".repeat(127) + "a"]) matches(name);
  }
});
