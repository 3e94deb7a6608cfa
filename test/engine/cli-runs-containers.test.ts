import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { engineTest } from "./harness/needs.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import type { RunOptions } from "./harness/own-host.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** `berth …` against the engine, as a process of its own. */
function berth({ host, socket, folder }: TestEngine) {
  return (args: readonly string[], options: RunOptions = {}) =>
    host.run(process.execPath, ["--conditions=berth-src", main, ...args], {
      ...options,
      env: { BERTH_HOST: `unix://${socket}`, HOME: folder, PATH: "/usr/bin:/bin", ...options.env },
    });
}

engineTest(
  "berth run, exec, logs, ps, stop, start, rm do what docker's do, with its exit codes",
  async () => {
    await using engine = await testEngine();
    const run = berth(engine);
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(args);
      return { code, stdout, stderr };
    };
    const once = ["run", "--rm", "--network", "none"];

    assert.deepEqual(await said(...once, "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"), {
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
    const piped = await run([...once, "-i", "-e", "A=b", "busybox", "sh", "-c", "cat; echo $A"], {
      input: "in\n",
    });
    assert.deepEqual([piped.code, piped.stdout], [0, "in\nb\n"]);
    const none = await said(...once, "busybox", "no-such-program");
    assert.equal(none.code, 127);
    assert.match(none.stderr, /^berth: .*executable file not found/);
    assert.equal((await said(...once, "busybox", "/etc")).code, 126);
    const bad = await said("run", "--rmm", "busybox");
    assert.deepEqual(
      [bad.code, bad.stderr],
      [125, 'berth: unknown flag --rmm; did you mean "--rm"?\nTry "berth help run".\n'],
    );
    assert.equal((await said(...once, "--pull", "never", "no-such-image")).code, 125);

    const script = "trap 'exit 3' TERM; echo begun; while true; do sleep 0.1; done";
    const started = await said(
      "run",
      "-d",
      "--name",
      "web",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      script,
    );
    assert.match(started.stdout, /^[0-9a-f]{64}\n$/);
    assert.match((await said("ps")).stdout, /^CONTAINER ID .*NAMES\n[0-9a-f]{12} +busybox +.* Up .* web\n$/);
    assert.equal((JSON.parse((await said("ps", "--json")).stdout) as unknown[]).length, 1);
    assert.deepEqual(await said("exec", "web", "sh", "-c", "exit 4"), { code: 4, stdout: "", stderr: "" });
    assert.equal((await said("exec", "web", "no-such-program")).code, 126);
    assert.equal((await said("rm", "web")).code, 1);
    assert.deepEqual(await said("stop", "web", "no-such-one"), {
      code: 1,
      stdout: "web\n",
      stderr: "berth: No such container: no-such-one\n",
    });
    assert.equal((await said("logs", "web")).stdout, "begun\n");
    const [inspected] = JSON.parse((await said("inspect", "web")).stdout) as {
      State: { ExitCode: number };
    }[];
    assert.equal(inspected?.State.ExitCode, 3);
    assert.equal((await said("start", "web")).stdout, "web\n");
    assert.equal((await said("rm", "-f", "web")).stdout, "web\n");
    assert.equal((await said("ps", "-aq")).stdout, "");
    assert.match((await said("images")).stdout, /^REPOSITORY .*\nbusybox +latest +[0-9a-f]{12} /);
  },
);

engineTest("signals go to the container, which ends berth run", async () => {
  await using engine = await testEngine();
  const { host, socket, folder } = engine;
  const script = "trap 'exit 42' TERM; echo begun; while true; do sleep 0.1; done";
  const args = ["run", "--rm", "--network", "none", "busybox", "sh", "-c", script];
  const child = host.spawn(process.execPath, ["--conditions=berth-src", main, ...args], {
    env: { BERTH_HOST: `unix://${socket}`, HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGTERM");
  assert.equal(await Promise.race([ended, sleep(20_000, "it goes on", { ref: false })]), 42);
});
