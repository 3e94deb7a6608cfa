import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("an address beyond loopback without an auth section is a fault that says which lines to add", () => {
  const files = [
    "listen: :5000",
    "listen: [localhost:1, 10.0.0.1:5000]",
    "listen: :5000\nauth:",
    "listen: :5000\nauth: {}",
  ];
  for (const file of files) {
    const [fault = "", ...more] = faultsOf({ file });
    assert.deepEqual(more, []);
    assert.match(fault, /^listen \(berth\.yaml line 1\): .*:5000 can be reached from other machines/);
    assert.match(fault, /\nauth:\n {2}mode: token\n/);
    assert.match(fault, /Everyone who can reach it could then pull, push and delete/);
  }
});

test("it holds for variables and flags as well, and names the flag", () => {
  assert.match(faultsOf({ environment: { BERTH_LISTEN: ":5000" } }).join(), /^listen \(BERTH_LISTEN\)/);
  const flags = [{ flag: "--listen", key: "listen", values: ["localhost:1", "0.0.0.0:1"] }];
  assert.match(faultsOf({ flags }).join(), /^listen \(--listen\): 0\.0\.0\.0:1 can be/);
});

test("it is told even when other keys are faulty", () => {
  const faults = faultsOf({ file: "listen: :5000\nworkers: none" });
  assert.match(faults.join("\n"), /can be reached from other machines/);
});

test("with auth.mode none spelled out it is allowed", () => {
  const { config } = load({ file: "listen: :5000\nauth:\n  mode: none\n" });
  assert.equal(config.auth?.mode, "none");
  const environment = { BERTH_LISTEN: ":5000", BERTH_AUTH_MODE: "none" };
  assert.equal(load({ environment }).config.auth?.mode, "none");
});

test("with an auth section of any mode it is allowed", () => {
  assert.equal(load({ file: "listen: :5000\nauth: { mode: token }" }).config.auth?.mode, "token");
  assert.match(
    faultsOf({ file: "auth: { mode: basic }" }).join(),
    /^auth\.mode .*is one of token, outside, none/,
  );
});
