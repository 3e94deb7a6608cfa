import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "#config/duration.ts";
import { formatSize, parseSize } from "#config/size.ts";
import { faultsOf, load } from "./load.ts";

test("sizes are bytes or have a unit", () => {
  const sizes: [unknown, number][] = [
    [4096, 4096],
    ["4096", 4096],
    ["4MiB", 4_194_304],
    ["4 mib", 4_194_304],
    ["1.5KiB", 1536],
    ["10GB", 10_000_000_000],
    ["2TiB", 2 ** 41],
    ["0", 0],
  ];
  for (const [written, bytes] of sizes) assert.equal(parseSize(written), bytes, String(written));
  for (const wrong of [
    "",
    "4 MiBs",
    "-1",
    "1.5",
    "4M",
    "1e9",
    "9999999TiB",
    1.5,
    -1,
    NaN,
    true,
    ["4MiB"],
    {},
  ]) {
    assert.throws(() => parseSize(wrong), { name: "Unreadable" }, JSON.stringify(wrong));
  }
});

test("durations have a unit", () => {
  const durations: [string, number][] = [
    ["500ms", 500],
    ["1.5s", 1500],
    ["60s", 60_000],
    ["15m", 900_000],
    ["24 h", 86_400_000],
    ["7D", 604_800_000],
  ];
  for (const [written, ms] of durations) assert.equal(parseDuration(written), ms, written);
  for (const wrong of ["", "60", 60, "-1s", "1w", "1h30m", "0.0001s", "ms", true, ["1s"]]) {
    assert.throws(() => parseDuration(wrong), { name: "Unreadable" }, String(wrong));
  }
});

test("what is printed reads back as the same value", () => {
  for (const bytes of [0, 1, 1000, 1024, 1500, 4_194_304, 10_000_000_000, 2 ** 40]) {
    assert.equal(parseSize(formatSize(bytes)), bytes);
  }
  for (const ms of [0, 1, 999, 1000, 61_000, 3_600_000, 86_400_000]) {
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }
});

test("a timer longer than Node can hold is refused: it would fire at once", () => {
  assert.match(
    faultsOf({ file: "limits: { body_idle_timeout: 25d }" }).join(),
    /must be between 10ms and 24d/,
  );
  assert.equal(load({ file: "uploads: { expire_after: 90d }" }).config.uploads.expire_after, 90 * 86_400_000);
});
