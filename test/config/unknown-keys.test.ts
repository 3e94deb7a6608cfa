import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("an unknown key is a fault with the nearest key, or with those that there are", () => {
  assert.match(faultsOf({ file: "lisen: localhost:1" }).join(), /^lisen \(.*\): .* did you mean "listen"\?/);
  assert.match(
    faultsOf({ file: "log: { colour: red }" }).join(),
    /^log\.colour \(.*\): .*; here stand level, access/,
  );
  assert.match(faultsOf({ file: "storage: { disk: { paht: /x } }" }).join(), /^storage\.disk\.paht/);
});

test("a key in another section than its own is a fault that names its own", () => {
  assert.match(
    faultsOf({ file: "storage: { disk: { verify_reads: true } }" }).join(),
    /^storage\.disk\.verify_reads \(.*\): .* did you mean "storage\.verify_reads"\?/,
  );
  assert.match(
    faultsOf({ environment: { BERTH_STORAGE_DISK_VERIFY_READS: "true" } }).join(),
    /did you mean "BERTH_STORAGE_VERIFY_READS"\?/,
  );
});

test("names that JavaScript objects have are unknown keys like any other", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const faults = faultsOf({ file: names.map((name) => `${name}: { x: 1 }`).join("\n") });
  assert.equal(faults.length, names.length);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("a section is a mapping, or empty", () => {
  assert.match(
    faultsOf({ file: "log: debug" }).join(),
    /^log \(.*\): this must be a section with keys below it: level/,
  );
  assert.match(faultsOf({ file: "- listen" }).join(), /the file must be a section/);
  assert.equal(load({ file: "log:\nlimits: {}\n" }).config.log.level, "info");
});

test("an empty value is a fault: it may be a template that was not filled in", () => {
  assert.match(faultsOf({ file: "data:\n" }).join(), /^data \(.*\): is empty/);
});
