import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("the page is served unless it is switched off, and sessions last 12 hours without use", () => {
  assert.deepEqual(load().config.web, { enabled: true, session: 12 * 3_600_000 });
  assert.deepEqual(load({ file: "web: { enabled: false, session: 30m }" }).config.web, {
    enabled: false,
    session: 30 * 60_000,
  });
});

test("a session lasts a minute at least and 30 days at most", () => {
  assert.match(faultsOf({ file: "web: { session: 10s }" }).join(), /^web\.session/);
  assert.match(faultsOf({ file: "web: { session: 31d }" }).join(), /^web\.session/);
});
