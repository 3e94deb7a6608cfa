import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const read = (more: string) => load({ file: `gc: { ${more} }` }).config.gc;
const faults = (more: string) => faultsOf({ file: `gc: { ${more} }` }).join("\n");
const [hour, day] = [3_600_000, 86_400_000];

test("without the section unused blobs go after a day, and untagged manifests are kept", () => {
  assert.deepEqual(load().config.gc, {
    enabled: true,
    every: hour,
    grace: day,
    untagged: [],
    referrers: "with-subject",
    high_water: 90,
    pace: 25,
  });
});

test("untagged manifests: one word for all, or rules in their order", () => {
  assert.deepEqual(read("untagged: 30d").untagged, [{ repositories: ["**"], after: 30 * day }]);
  assert.deepEqual(read("untagged: keep").untagged, [{ repositories: ["**"], after: undefined }]);
  const rules = "untagged: [{ repositories: [a/*, b], after: keep }, { repositories: '**', after: 12h }]";
  assert.deepEqual(read(rules).untagged, [
    { repositories: ["a/*", "b"], after: undefined },
    { repositories: ["**"], after: 12 * hour },
  ]);
  assert.deepEqual(load({ environment: { BERTH_GC_UNTAGGED: "7d" } }).config.gc.untagged, [
    { repositories: ["**"], after: 7 * day },
  ]);
});

test("what can't be is a fault that says what can", () => {
  assert.match(faults("grace: 500ms"), /^gc\.grace .*between 1s and 3650d/);
  assert.match(faults("every: 0s"), /^gc\.every .*between 1s/);
  assert.match(faults("untagged: never"), /^gc\.untagged.*write keep, or how long they stay, such as 30d/);
  assert.match(faults("untagged: 4000d"), /at most 3650d/);
  assert.match(faults("untagged: [{ repositories: A, after: 1d }]"), /is not a pattern of repository names/);
  assert.match(faults("untagged: [{ repositories: a, affter: 1d, after: 1d }]"), /did you mean "after"/);
  assert.match(faults("referrers: go"), /one of with-subject, keep/);
  assert.match(faults("high_water: 0"), /whole number from 1 to 100/);
  assert.match(faults("pace: 101"), /whole number from 1 to 100/);
});

test("what is in force reads back as a file", () => {
  for (const more of [
    "untagged: [{ repositories: [a, b/*], after: 36h }, { repositories: c, after: keep }]",
  ]) {
    const first = load({ file: `gc: { ${more} }` });
    assert.deepEqual(load({ file: showConfig(first.config, first.origins) }).config, first.config);
  }
});
