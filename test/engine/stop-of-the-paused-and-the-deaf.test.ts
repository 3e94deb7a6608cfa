import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("stop without end, then another stop: both are answered with its end", async () => {
  await using engine = await testEngine();
  const ignoring = ["sh", "-c", 'trap "" TERM; while :; do sleep 0.1; done'];
  await engine.ok("run", "-d", "--name", "deaf", "busybox", ...ignoring);
  await sleep(300);
  const first = engine.docker(["stop", "-t", "-1", "deaf"]);
  await sleep(500);
  assert.equal(await stateOf(engine, "deaf"), "running 0");
  assert.equal((await engine.docker(["stop", "-t", "1", "deaf"])).code, 0);
  assert.equal((await first).code, 0);
  assert.equal(await stateOf(engine, "deaf"), "exited 137");
});

engineTest("what is paused is stopped, killed and removed, and is nowhere left frozen", async () => {
  await using engine = await testEngine();
  const polite = ["sh", "-c", 'trap "exit 7" TERM; while :; do sleep 0.1; done'];
  const before = await idleInventory(engine);
  for (const [verb, end] of [
    [["stop", "-t", "10"], "exited 7"],
    [["kill", "-s", "TERM"], "exited 7"],
    [["kill"], "exited 137"],
    [["rm", "-f"], undefined],
  ] as const) {
    await engine.ok("run", "-d", "--name", "still", "busybox", ...polite);
    await sleep(300);
    await engine.ok("pause", "still");
    await engine.ok(...verb, "still");
    if (end === undefined) continue;
    await engine.ok("wait", "still");
    assert.equal(await stateOf(engine, "still"), end, verb.join(" "));
    await engine.ok("rm", "still");
  }
  // Thawed by a stop that its process doesn't follow, it is running again.
  await engine.ok("run", "-d", "--name", "still", "busybox", "sh", "-c", 'trap "" TERM; sleep 1000');
  await sleep(300);
  await engine.ok("pause", "still");
  const stop = engine.docker(["stop", "-t", "3", "still"]);
  await sleep(800);
  assert.equal(await stateOf(engine, "still"), "running 0");
  assert.equal((await stop).code, 0);
  await engine.ok("rm", "still");
  await nothingLeft(engine, before);
});

function stateOf(engine: TestEngine, name: string): Promise<string> {
  return engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
}
