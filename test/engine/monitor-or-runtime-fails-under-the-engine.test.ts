import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "kill -9 of a container's monitor: it ends as 255, nothing is left, and it starts again",
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "--rm", "-p", "18080:80", "busybox", "true");
    const before = await idleInventory(engine);
    await engine.ok("run", "-d", "--name", "plain", "-p", "18080:80", "busybox", "sleep", "1000");
    await engine.ok("run", "-d", "--name", "again", "--restart", "always", "busybox", "sleep", "1000");
    await engine.ok("run", "-d", "--name", "once", "--rm", "busybox", "sleep", "1000");
    const pids = await Promise.all(["plain", "again", "once"].map((name) => pidOf(engine, name)));
    const killed = await monitorsOf(engine);
    assert.equal(killed.length, 3);
    for (const pid of killed) process.kill(pid, "SIGKILL");
    await until(async () => (await stateOf(engine, "plain")) === "exited 255");
    await until(async () => (await stateOf(engine, "again")).startsWith("running"));
    await until(async () => (await engine.docker(["inspect", "once"])).code !== 0);
    assert.ok(!pids.includes(await pidOf(engine, "again")));
    await until(async () => (await Promise.all(pids.map(isThere))).every((there) => !there));
    await engine.ok("start", "plain");
    assert.equal(await engine.ok("exec", "plain", "echo", "again"), "again");
    await engine.ok("rm", "-f", "plain", "again");
    await nothingLeft(engine, before);
  },
);

engineTest("a runtime that fails, hangs up or is gone: the start says so, and nothing is left", async () => {
  await using engine = await testEngine();
  await engine.ok("run", "--rm", "busybox", "true");
  const before = await idleInventory(engine);
  for (const [name, script] of [
    ["runtime", "#!/bin/sh\necho 'the moon is full' >&2\nexit 1\n"],
    ["runtime", "#!/bin/sh\nkill -9 $$\n"],
    ["runtime", "no program\n"],
    ["conmon", "#!/bin/sh\nexit 1\n"],
    ["conmon", "#!/bin/sh\nkill -9 $$\n"],
    ["conmon", "no program\n"],
  ] as const) {
    const undo = await replaced(engine, name === "runtime" ? ["crun", "runc"] : [name], script);
    const ran = await engine.docker(["run", "--rm", "busybox", "true"], { timeout: 30_000 });
    assert.notEqual(ran.code, 0);
    assert.match(ran.stderr, /Error response from daemon: ./, `${name} ${script}: ${ran.stderr}`);
    const detached = await engine.docker(["run", "-d", "-p", "18080:80", "busybox", "true"]);
    assert.notEqual(detached.code, 0);
    await undo();
    await engine.ok("container", "prune", "-f");
    await nothingLeft(engine, before);
  }
  assert.equal(await engine.ok("run", "--rm", "-p", "18080:80", "busybox", "echo", "well"), "well");
});

engineTest(
  "an exec whose monitor is killed, or whose runtime fails, is told, and the container goes on",
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "-d", "--name", "host", "busybox", "sleep", "1000");
    const before = await monitorsOf(engine);
    const session = engine.docker(["exec", "host", "sleep", "1000"], { timeout: 30_000 });
    await until(async () => (await monitorsOf(engine)).length > before.length);
    await sleep(300);
    for (const pid of await monitorsOf(engine)) if (!before.includes(pid)) process.kill(pid, "SIGKILL");
    assert.equal((await session).code, 255);
    const undo = await replaced(engine, ["crun", "runc"], "#!/bin/sh\necho 'the moon is full' >&2\nexit 1\n");
    const failed = await engine.docker(["exec", "host", "true"], { timeout: 30_000 });
    assert.notEqual(failed.code, 0);
    await undo();
    assert.equal(await engine.ok("exec", "host", "echo", "well"), "well");
  },
);

/** Other bytes lie where the program was, in the engine's own view of the host, until that is undone. */
async function replaced(engine: TestEngine, names: readonly string[], script: string) {
  const file = join(engine.folder, "replacement");
  await writeFile(file, script);
  await chmod(file, 0o755);
  const paths: string[] = [];
  for (const name of names) {
    const { stdout, code } = await engine.host.run("sh", ["-c", `command -v ${name}`]);
    if (code !== 0) continue;
    paths.push(stdout.trim());
    assert.equal((await engine.host.run("mount", ["--bind", file, stdout.trim()])).code, 0);
  }
  return async () => {
    for (const path of paths) assert.equal((await engine.host.run("umount", [path])).code, 0);
  };
}

/** Pids of the monitors of this engine's containers and sessions. */
async function monitorsOf(engine: TestEngine): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (/^([^\0]*\/)?conmon\0/.test(line) && line.includes(engine.folder)) found.push(Number(pid));
  }
  return found;
}

async function pidOf(engine: TestEngine, name: string): Promise<number> {
  return Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", name));
}

async function isThere(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return status !== "" && !/^State:\s+Z/m.test(status);
}

function stateOf(engine: TestEngine, name: string): Promise<string> {
  return engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error("it never came");
}
