import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, parseVersion, type Version } from "#kit/semver.ts";

const version = (text: string): Version => {
  const parsed = parseVersion(text);
  assert.ok(parsed, text);
  return parsed;
};

test("versions stand in the order of semver", () => {
  const inOrder = [
    ...["0.0.1", "0.9.0", "0.10.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"],
    ...["1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "2.0.0"],
    ...["10.0.0", "99999999999999999999998.0.0", "99999999999999999999999.0.0"],
  ];
  const sorted = [...inOrder].reverse().sort((a, b) => compareVersions(version(a), version(b)));
  assert.deepEqual(sorted, inOrder);
});

test("a leading v is no part of the version", () => {
  assert.equal(compareVersions(version("v1.2.3-rc.1"), version("1.2.3-rc.1")), 0);
});

test("what isn't a version isn't taken for one", () => {
  const texts = ["", "latest", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-a..b", "1.2.3-01"];
  for (const text of [...texts, "1.2.3+build", "V1.2.3", "vv1.2.3", "1.2.3 ", "x1.2.3"])
    assert.equal(parseVersion(text), undefined, text);
});
