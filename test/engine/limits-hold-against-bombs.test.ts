import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "a fork bomb under a pids limit: the engine and others go on, and it is stopped and gone",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    const bomb = "b() { b | b & }; while :; do b 2>/dev/null; sleep 0.01; done";
    await engine.ok("run", "-d", "--name", "bomb", "--pids-limit", "30", "busybox", "sh", "-c", bomb);
    await sleep(1_000);
    assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "others"), "others");
    const ids = await engine.ok("stats", "--no-stream", "--format", "{{.PIDs}}", "bomb");
    assert.ok(Number(ids) <= 30, ids);
    await engine.ok("stop", "-t", "1", "bomb");
    assert.match(await engine.ok("inspect", "-f", "{{.State.Status}}", "bomb"), /exited/);
    await engine.ok("start", "bomb");
    await sleep(500);
    await engine.ok("rm", "-f", "bomb");
    await nothingLeft(engine, before);
  },
);

engineTest(
  "memory over its limit: killed, told as OOMKilled with 137, an event, and nothing is left",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    const since = String(Math.floor(Date.now() / 1000) - 1);
    const eat = ["-m", "32m", "--memory-swap", "32m", "busybox", "sh", "-c", "tail /dev/zero"];
    // The shell, not the eater, is the container's first process: exec makes them one.
    const ran = await engine.docker(["run", "--name", "eater", ...eat.slice(0, -1), "exec tail /dev/zero"]);
    assert.equal(ran.code, 137);
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "eater"),
      "true 137",
    );
    const until = String(Math.floor(Date.now() / 1000) + 1);
    const events = await engine.ok("events", "--since", since, "--until", until, "--format", "{{.Action}}");
    assert.match(events, /^oom$/m);
    await engine.ok("rm", "eater");
    const shell = await engine.docker(["run", "--rm", ...eat]);
    assert.equal(shell.code, 137);
    await nothingLeft(engine, before);
  },
);

engineTest(
  "a log that grows without end: bounded on disk and in memory, its end is read at once",
  async () => {
    await using engine = await testEngine();
    const rule = ["--log-opt", "max-size=1m", "--log-opt", "max-file=3"];
    await engine.ok("run", "-d", "--name", "loud", ...rule, "busybox", "yes", "a line of a log without end");
    const memory = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${engine.pid}/status`, "utf8"))?.[1]);
    const follower = engine
      .docker(["logs", "-f", "--tail", "1", "loud"], { timeout: 8_000 })
      .catch(() => undefined);
    // A heap takes its working size first: only what comes afterwards would be without end.
    await sleep(4_000);
    const start = await memory();
    await sleep(4_000);
    const path = await engine.ok("inspect", "-f", "{{.LogPath}}", "loud");
    let bytes = 0;
    for (const file of [path, `${path}.1`, `${path}.2`, `${path}.3`])
      bytes += await stat(file).then(
        ({ size }) => size,
        () => 0,
      );
    // One file grows on while it is looked for.
    assert.ok(bytes > 0 && bytes < 600 * 1024 * 1024, `${bytes} bytes of log`);
    const began = Date.now();
    // The last line is shown as far as it was written.
    const end = await engine.ok("logs", "--tail", "1", "loud");
    assert.ok(end !== "" && "a line of a log without end".startsWith(end), end);
    assert.ok(Date.now() - began < 5_000);
    await follower;
    const grown = (await memory()) - start;
    assert.ok(grown < 100 * 1024, `the engine grew by ${grown} KiB in four seconds`);
    await engine.ok("rm", "-f", "loud");
    assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "others"), "others");
  },
);
