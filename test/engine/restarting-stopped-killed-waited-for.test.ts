import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const forever = ["sleep", "1000"];

engineTest(
  "a container that waits for its next start is stopped and killed; who waits for it hears",
  async () => {
    await using engine = await testEngine();
    const ask = asker(engine);
    for (const verb of ["stop", "kill", "rm -f"]) {
      await engine.ok("run", "-d", "--name", "again", "--restart", "always", "busybox", "false");
      await restartsSlowly(engine, "again");
      const waiting = ask("POST", "/containers/again/wait?condition=next-exit");
      const gone = ask("POST", "/containers/again/wait?condition=removed");
      await sleep(100);
      await engine.ok(...verb.split(" "), "again");
      assert.equal((await waiting).status, 200, verb);
      if (verb !== "rm -f") {
        assert.equal(await stateOf(engine, "again"), "exited 1");
        await sleep(300);
        assert.equal(await stateOf(engine, "again"), "exited 1", "it stays so");
        await engine.ok("rm", "again");
      }
      assert.equal((await gone).status, 200, verb);
    }
  },
);

engineTest("restart of a --rm container: the same one goes on, and goes with its real end", async () => {
  await using engine = await testEngine();
  const ask = asker(engine);
  const before = await idleInventory(engine);
  const id = await engine.ok("run", "-d", "--rm", "--name", "once", "busybox", ...forever);
  const path = "/containers/once/restart?t=0";
  const both = await Promise.all([ask("POST", path), ask("POST", path)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [204, 204],
  );
  assert.equal(await engine.ok("inspect", "-f", "{{.Id}} {{.State.Status}}", "once"), `${id} running`);
  await engine.ok("stop", "-t", "0", "once");
  assert.equal(await engine.ok("ps", "-aq"), "");
  await nothingLeft(engine, before);
});

engineTest("what restarts or is checked doesn't keep the engine from ending", async () => {
  await using engine = await testEngine();
  const check = ["--health-cmd", "true", "--health-interval", "50s"];
  await engine.ok("run", "-d", "--name", "well", ...check, "busybox", ...forever);
  await engine.ok("run", "-d", "--name", "again", "--restart", "always", "busybox", "false");
  await restartsSlowly(engine, "again");
  const began = Date.now();
  assert.equal(await engine.stop(), 0);
  assert.ok(Date.now() - began < 10_000, "it ends within moments");
  await engine.start();
  await until(async () => /^(restarting|running)/.test(await stateOf(engine, "again")));
  assert.equal(await stateOf(engine, "well"), "running 0");
});

function asker(engine: TestEngine) {
  return (method: string, path: string) => askSocket(engine.socket, method, `/v1.47${path}`);
}

function stateOf(engine: TestEngine, name: string): Promise<string> {
  return engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
}

/** The pause before its next start is long by now. */
async function restartsSlowly(engine: TestEngine, name: string): Promise<void> {
  await until(async () => Number(await engine.ok("inspect", "-f", "{{.RestartCount}}", name)) >= 4);
  await until(async () => (await stateOf(engine, name)).startsWith("restarting"));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error("it never came");
}
