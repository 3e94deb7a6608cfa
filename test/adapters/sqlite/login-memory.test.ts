import assert from "node:assert/strict";
import { test } from "node:test";
import { createLoginDelays } from "#adapters/sqlite/login-delays.ts";

test("the memory of failures is bounded: the oldest are forgotten, new ones are kept", () => {
  const delays = createLoginDelays();
  const fail = (account: string, address: string) => {
    for (let i = 0; i < 5; i++) delays.attempt(account, address, 0);
  };
  fail("oldest", "10.0.0.1");
  assert.ok(delays.attempt("oldest", "10.0.0.1", 0) > 0);
  for (let i = 0; i < 25_000; i++)
    delays.attempt(`user${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}x`, 0);
  assert.equal(delays.attempt("oldest", "10.0.0.1", 0), 0, "forgotten");
  fail("newest", "10.9.9.9");
  assert.ok(delays.attempt("newest", "10.9.9.9", 0) > 0);
});
