import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
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

engineTest("who is attached before the start hears when there will be none", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  for (const end of [
    ["start", "none"],
    ["rm", "none"],
  ]) {
    await engine.ok("create", "--name", "none", "busybox", end[0] === "rm" ? "true" : "/no/such/program");
    const socket = connect(engine.socket);
    socket
      .resume()
      .write(
        "POST /v1.47/containers/none/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n" +
          "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
      );
    await once(socket, "data");
    const over = once(socket, "end");
    const ran = await engine.docker(end);
    assert.equal(ran.code, end[0] === "rm" ? 0 : 1, ran.stderr);
    await over;
    socket.destroy();
    if (end[0] === "start") {
      assert.equal(await stateOf(engine, "none"), "created 127");
      await engine.ok("rm", "none");
    }
  }
  const failed = await engine.docker(["run", "--rm", "busybox", "/no/such/program"]);
  assert.equal(failed.code, 127, failed.stderr);
  assert.equal(await engine.ok("ps", "-aq"), "");
  await nothingLeft(engine, before);
});

engineTest("a port is free again once wait has answered", async () => {
  await using engine = await testEngine();
  const run = ["run", "-d", "-p", "18080:80", "busybox", "sleep", "0.2"];
  for (let round = 0; round < 6; round++) {
    const id = await engine.ok(...run);
    await engine.ok("wait", id);
  }
  await engine.ok("container", "prune", "-f");
});

engineTest("health: a check that hangs is killed and counted, and a new run begins anew", async () => {
  await using engine = await testEngine();
  const check = [
    "--health-cmd",
    "sleep 1000 | cat",
    "--health-interval",
    "300ms",
    "--health-timeout",
    "300ms",
  ];
  await engine.ok("run", "-d", "--name", "ill", ...check, "--health-retries", "2", "busybox", ...forever);
  const health = () => engine.ok("inspect", "-f", "{{.State.Health.Status}}", "ill");
  await until(async () => (await health()) === "unhealthy");
  const log = await engine.ok("inspect", "-f", "{{json .State.Health.Log}}", "ill");
  assert.match(log, /Health check exceeded timeout/);
  await engine.ok("stop", "-t", "0", "ill");
  await engine.ok("start", "ill");
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Health.Status}}", "ill"), "starting");
  await engine.ok("rm", "-f", "ill");
  // Months are no time at all for a timer that counts in 31 bits.
  await engine.ok(
    "run",
    "-d",
    "--name",
    "rare",
    "--health-cmd",
    "true",
    "--health-interval",
    "1000h",
    "busybox",
    ...forever,
  );
  await sleep(1_000);
  assert.equal(await engine.ok("inspect", "-f", "{{len .State.Health.Log}}", "rare"), "0");
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
