import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const day = 86_400_000;

test("without the sections everything is read again every 30 days, and a snapshot is put aside each day", () => {
  const { scrub, snapshots } = load().config;
  assert.deepEqual(scrub, { enabled: true, every: 30 * day, bytes_per_second: 20 * 1024 * 1024 });
  assert.deepEqual(snapshots, { every: day, keep: 7, before_upgrade: true });
});

test("each key is read, and reads back as a file", () => {
  const file = [
    "scrub: { enabled: false, every: 7d, bytes_per_second: 1GiB }",
    "snapshots: { every: off, keep: 30, before_upgrade: false }",
  ].join("\n");
  const first = load({ file });
  assert.deepEqual(first.config.scrub, { enabled: false, every: 7 * day, bytes_per_second: 1024 ** 3 });
  assert.deepEqual(first.config.snapshots, { every: 0, keep: 30, before_upgrade: false });
  assert.deepEqual(load({ file: showConfig(first.config, first.origins) }).config, first.config);
  const hourly = load({ environment: { BERTH_SNAPSHOTS_EVERY: "1h" } });
  assert.equal(hourly.config.snapshots.every, 3_600_000);
  assert.deepEqual(load({ file: showConfig(hourly.config, hourly.origins) }).config, hourly.config);
});

test("what can't be is a fault that says what can", () => {
  const faults = (file: string) => faultsOf({ file }).join("\n");
  assert.match(faults("scrub: { bytes_per_second: 10 }"), /^scrub\.bytes_per_second .*between 1KiB and 1TiB/);
  assert.match(faults("scrub: { every: 0s }"), /^scrub\.every .*between 1s/);
  assert.match(faults("snapshots: { every: 5s }"), /^snapshots\.every .*between 1m and 3650d; or write off/);
  assert.match(faults("snapshots: { keep: 0 }"), /^snapshots\.keep .*whole number from 1 to 10000/);
  assert.match(faults("snapshots: { before_upgrde: true }"), /did you mean "before_upgrade"/);
});
