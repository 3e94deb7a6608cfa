import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { busyboxArchive } from "./harness/busybox-image.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const passwd = {
  "etc/passwd": `root:x:0:0:root:/root:/bin/sh\nevil:x:-1:99999999999:::\nodd:x:${"9".repeat(400)}:1::/:\n${"x:".repeat(50_000)}\n:::::\n`,
  "etc/group": "root:x:0:\nevil:x:0x10:evil,evil,,\n",
};

const configs: readonly [name: string, config: Record<string, unknown>, args: string[]][] = [
  [
    "odd variables",
    { Env: ["=x", "NOEQUALS", "A=\u0000B", "LD_PRELOAD=/evil.so", `LONG=${"x".repeat(100_000)}`, "PATH="] },
    ["env"],
  ],
  ["variables that aren't texts", { Env: [7, null, { a: 1 }, "A=1"] }, ["env"]],
  ["ten thousand variables", { Env: Array.from({ length: 10_000 }, (_, i) => `V${i}=x`) }, ["true"]],
  ["an entrypoint that is no program", { Entrypoint: ["/etc/passwd"] }, []],
  ["an entrypoint that is a folder", { Entrypoint: ["/"] }, []],
  ["an entrypoint out of the root", { Entrypoint: ["../../../../bin/sh", "-c", "ls /"] }, []],
  ["an empty entrypoint", { Entrypoint: [""], Cmd: [""] }, []],
  ["a long entrypoint", { Entrypoint: ["x".repeat(300_000)] }, []],
  ["a command of the wrong type", { Cmd: { a: 1 }, Entrypoint: 5 }, []],
  ["a user that isn't there", { User: "nobody-here" }, ["id"]],
  ["a user out of range", { User: "4294967296:4294967296" }, ["id"]],
  ["a negative user", { User: "-1" }, ["id"]],
  ["a user of a hostile passwd", { User: "evil" }, ["id"]],
  ["another one", { User: "odd:evil" }, ["id"]],
  ["a user with a path", { User: "../../root" }, ["id"]],
  ["a working folder out of the root", { WorkingDir: "/../../../../tmp/../outside" }, ["pwd"]],
  ["a working folder that is a file", { WorkingDir: "/etc/passwd" }, ["pwd"]],
  ["a relative working folder", { WorkingDir: "relative/../.." }, ["pwd"]],
  ["a working folder in proc", { WorkingDir: "/proc/self/fd/7" }, ["pwd"]],
  [
    "volumes out of the root",
    { Volumes: { "../..": {}, "/../../etc/berth": {}, "": {}, "/": {} } },
    ["ls", "/"],
  ],
  [
    "volumes over proc and dev",
    { Volumes: { "/proc": {}, "/dev": {}, "/sys/fs/cgroup": {} } },
    ["ls", "/proc/self"],
  ],
  [
    "sixty volumes",
    { Volumes: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`/v${i}`, {}])) },
    ["true"],
  ],
  [
    "a health check all the time",
    { Healthcheck: { Test: ["CMD", "true"], Interval: 1, Timeout: -5, Retries: -1 } },
    ["sleep", "1"],
  ],
  ["a stop signal that is none", { StopSignal: "SIGNONSENSE" }, ["true"]],
  [
    "odd ports and labels",
    { ExposedPorts: { "99999/tcp": {}, "x/y": {}, "-1": {} }, Labels: { "": "", __proto__: "x", a: 5 } },
    ["true"],
  ],
];

engineTest(
  "images with hostile Env, Entrypoint, User, WorkingDir, Volumes are refused or run harmlessly",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    let next = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let at = next++; at < configs.length; at = next++) await tried(engine, at);
      }),
    );
    assert.ok(!existsSync(join(engine.folder, "outside")));
    assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "well"), "well");
    assert.doesNotMatch(engine.logs(), /unhandled|uncaught/i);
    await nothingLeft(engine, before);
  },
);

async function tried(engine: TestEngine, at: number): Promise<void> {
  const [name, config, args] = configs[at] ?? ["", {}, []];
  const image = `hostile${at}:latest`;
  const loaded = await engine.docker(["load"], { input: await busyboxArchive(image, [passwd], config) });
  if (loaded.code !== 0) {
    assert.match(loaded.stderr + loaded.stdout, /invalid|refused|must|image/i, name);
    return;
  }
  const ran = await engine.docker(["run", "--rm", image, ...args], { timeout: 40_000 });
  // The engine's own fault would have no words.
  assert.doesNotMatch(ran.stderr, /the engine failed|internal/i, `${name}: ${ran.stderr}`);
  assert.ok(ran.code <= 137, name);
  if (ran.code >= 125 && ran.code <= 127) assert.match(ran.stderr, /Error response from daemon: ./, name);
  assert.doesNotMatch(ran.stdout, /be-[A-Za-z0-9]{6}\/engine/, `${name} sees the host`);
}
