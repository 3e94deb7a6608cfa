import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { launch, launchWaiting, madeUpPackage, oldNode } from "./fixture.ts";

const nodes = [process.execPath, ...(oldNode === undefined ? [] : [oldNode])];

test("the launcher ends with Berth's exit code", () => {
  for (const node of nodes) {
    using made = madeUpPackage({ src: true, node: true });
    assert.equal(launch(node, made.launcher, ["exit"]).status, 3);
    assert.equal(launch(node, made.launcher, ["end"]).status, 0);
  }
});

test("SIGTERM to the launcher reaches Berth, and both end as Berth decides", async () => {
  for (const node of nodes) {
    using made = madeUpPackage({ src: true, node: true });
    const { child, said } = await launchWaiting(node, made.launcher);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [7, null]);
    assert.throws(() => process.kill(said.pid, 0), { code: "ESRCH" });
  }
});

test("when a signal ends Berth, the launcher ends by the same signal", async () => {
  for (const node of nodes) {
    for (const signal of ["SIGINT", "SIGHUP", "SIGKILL"] as const) {
      using made = madeUpPackage({ src: true, node: true });
      const { child, said } = await launchWaiting(node, made.launcher);
      process.kill(said.pid, signal);
      assert.deepEqual(await once(child, "exit"), [null, signal]);
    }
  }
});
