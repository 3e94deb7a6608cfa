import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

const counting = "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 7";

engineTest(
  "a container that ends while the engine is dead: its log is whole and its exit code known",
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "-d", "--name", "counter", "busybox", "sh", "-c", counting);
    await sleep(300);
    await engine.kill();
    await sleep(3_000);
    await engine.start();
    assert.equal(await engine.ok("wait", "counter"), "7");
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n");
    assert.equal(await engine.ok("logs", "counter"), lines);
    assert.match(await engine.ok("ps", "-a", "--format", "{{.Status}}"), /^Exited \(7\)/);
  },
);

engineTest("a container that runs on is served on: exec, logs, ports, stop", async () => {
  await using engine = await testEngine();
  await engine.ok(
    "run",
    "-d",
    "--name",
    "web",
    "-p",
    "18080:80",
    "busybox",
    "httpd",
    "-f",
    "-p",
    "80",
    "-h",
    "/etc",
  );
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "web");
  await engine.kill();
  const get = () => engine.host.run("curl", ["-s", "-m", "5", "http://127.0.0.1:18080/passwd"]);
  assert.match((await get()).stdout, /^root:/, "published ports work while the engine is dead");
  await engine.start();
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Pid}}", "web"), pid);
  assert.equal(await engine.ok("exec", "web", "echo", "inside"), "inside");
  assert.match((await get()).stdout, /^root:/);
  const taken = await engine.docker(["run", "--rm", "-p", "18080:80", "busybox", "true"]);
  assert.match(taken.stderr, /port is already allocated/, "the port is held again");
  await engine.ok("stop", "-t", "1", "web");
  assert.notEqual((await get()).code, 0);
  await engine.ok("start", "web");
  await sleep(200);
  assert.match((await get()).stdout, /^root:/);
});

engineTest("restart policies go on: what should run is started again when the engine is back", async () => {
  await using engine = await testEngine();
  await engine.ok("run", "-d", "--name", "always", "--restart", "always", "busybox", "sleep", "1");
  await engine.ok("run", "-d", "--name", "unless", "--restart", "unless-stopped", "busybox", "sleep", "1000");
  await engine.ok(
    "run",
    "-d",
    "--name",
    "stopped",
    "--restart",
    "unless-stopped",
    "busybox",
    "sleep",
    "1000",
  );
  await engine.ok("stop", "-t", "0", "stopped");
  await engine.kill();
  await sleep(1_500);
  await engine.start();
  await sleep(1_000);
  const states = await engine.ok("ps", "-a", "--format", "{{.Names}} {{.State}}");
  assert.match(states, /always (running|restarting)/);
  assert.match(states, /unless running/);
  assert.match(states, /stopped exited/);
});

engineTest("an exec session outlives the engine", async () => {
  await using engine = await testEngine();
  await engine.ok("run", "-d", "--name", "host", "busybox", "sleep", "1000");
  await engine.ok("exec", "-d", "host", "sh", "-c", "sleep 2; echo done > /tmp/done");
  await engine.kill();
  await sleep(2_500);
  await engine.start();
  assert.equal(await engine.ok("exec", "host", "cat", "/tmp/done"), "done");
});
