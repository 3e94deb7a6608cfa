import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

interface Session {
  Running: boolean;
  ExitCode: number | null;
  Pid: number;
  ContainerID: string;
  OpenStdin: boolean;
  ProcessConfig: { entrypoint: string; arguments: string[]; user: string; tty: boolean };
}

async function look(engine: TestEngine, id: string): Promise<Session> {
  const { status, json, text } = await askSocket(engine.socket, "GET", `/v1.45/exec/${id}/json`);
  assert.equal(status, 200, text);
  return json as Session;
}

/** A detached session of `sh -c script`. */
async function begin(engine: TestEngine, container: string, script: string, more: object = {}) {
  const made = await askSocket(engine.socket, "POST", `/v1.45/containers/${container}/exec`, {
    Cmd: ["sh", "-c", script],
    ...more,
  });
  assert.equal(made.status, 201, made.text);
  const { Id } = made.json as { Id: string };
  const started = await askSocket(engine.socket, "POST", `/v1.45/exec/${Id}/start`, {
    Detach: true,
    ...more,
  });
  assert.equal(started.status, 200, started.text);
  return Id;
}

async function sleeper(engine: TestEngine, ...options: string[]): Promise<string> {
  return engine.ok("run", "-d", ...options, "busybox", "sleep", "1000");
}

async function until<T>(ask: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    const seen = await ask();
    if (holds(seen)) return seen;
    assert.ok(Date.now() < end, `it stays ${JSON.stringify(seen)}`);
  }
}

const ended = (engine: TestEngine, id: string) =>
  until(
    () => look(engine, id),
    (seen) => !seen.Running,
  );

async function listed(engine: TestEngine, container: string): Promise<string[]> {
  return (
    (JSON.parse(await engine.ok("inspect", "-f", "{{json .ExecIDs}}", container)) as string[] | null) ?? []
  );
}

/** Codes of its `exec_die` events. */
async function died(engine: TestEngine, id: string): Promise<string[]> {
  const query = ["--since", "1", "--until", String(Math.floor(Date.now() / 1000) + 1)];
  const format = "{{.Actor.Attributes.execID}} {{.Actor.Attributes.exitCode}}";
  const all = await engine.ok("events", ...query, "--filter", "event=exec_die", "--format", format);
  return all
    .split("\n")
    .filter((line) => line.startsWith(id))
    .map((line) => line.split(" ")[1] ?? "");
}

/** Folders of sessions the monitor still keeps. */
function kept(engine: TestEngine, container: string): string[] {
  const run = join(engine.folder, "run");
  const folder = join(run, readdirSync(run)[0] ?? "", "containers", container, "execs");
  return existsSync(folder) ? readdirSync(folder) : [];
}

engineTest("a session that runs on is found again: listed, inspected, resized, its code known", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  const container = await sleeper(engine);
  const script = "while [ ! -e /tmp/end ]; do stty size > /tmp/size; sleep 0.1; done; exit 7";
  const id = await begin(engine, container, script, { Tty: true, User: "0:0" });
  const { Pid } = await look(engine, id);
  await engine.kill();
  await engine.start();
  assert.deepEqual(await listed(engine, container), [id]);
  const seen = await look(engine, id);
  assert.equal(seen.Running, true);
  assert.equal(seen.ExitCode, null);
  assert.equal(seen.Pid, Pid);
  assert.equal(seen.ContainerID, container);
  assert.deepEqual(
    { ...seen.ProcessConfig },
    { ...seen.ProcessConfig, entrypoint: "sh", arguments: ["-c", script], user: "0:0", tty: true },
  );
  const again = await askSocket(engine.socket, "POST", `/v1.45/exec/${id}/start`, { Detach: true });
  assert.equal(again.status, 409);
  const sized = await askSocket(engine.socket, "POST", `/v1.45/exec/${id}/resize?h=33&w=44`);
  assert.ok(sized.status < 300, sized.text);
  await until(
    () => engine.ok("exec", container, "cat", "/tmp/size"),
    (size) => size === "33 44",
  );
  await engine.ok("exec", container, "touch", "/tmp/end");
  assert.equal((await ended(engine, id)).ExitCode, 7);
  assert.deepEqual(await died(engine, id), ["7"]);
  assert.deepEqual(await listed(engine, container), []);
  await until(
    () => Promise.resolve(kept(engine, container)),
    (names) => names.length === 0,
  );
  await engine.ok("rm", "-f", container);
  await nothingLeft(engine, before);
});

engineTest(
  "a session that ended while the engine was away: its code is known, and it leaves nothing",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    const container = await sleeper(engine);
    const id = await begin(engine, container, "sleep 1; exit 9");
    await engine.kill();
    await sleep(2_000);
    await engine.start();
    const seen = await look(engine, id);
    assert.equal(seen.Running, false);
    assert.equal(seen.ExitCode, 9);
    assert.deepEqual(await died(engine, id), ["9"]);
    assert.deepEqual(await listed(engine, container), []);
    assert.deepEqual(kept(engine, container), []);
    await engine.kill();
    await engine.start();
    assert.equal((await askSocket(engine.socket, "GET", `/v1.45/exec/${id}/json`)).status, 404);
    await engine.ok("rm", "-f", container);
    await nothingLeft(engine, before);
  },
);

engineTest(
  "sessions whose client is gone write 10 MB while the engine is away, and more when it is back",
  async () => {
    await using engine = await testEngine();
    const container = await sleeper(engine);
    const flood =
      "head -c 10000000 /dev/zero; touch /tmp/away-$0; while [ ! -e /tmp/end ]; do sleep 0.1; done";
    const script = `while [ ! -e /tmp/go ]; do sleep 0.1; done; ${flood}; head -c 10000000 /dev/zero; exit 5`;
    const detached = await begin(engine, container, script);
    const client = engine.docker(["exec", container, "sh", "-c", script, "attached"]);
    const ids = await until(
      () => listed(engine, container),
      (all) => all.length === 2,
    );
    for (const id of ids)
      await until(
        () => look(engine, id),
        (seen) => seen.Running,
      );
    const { Pid } = await look(engine, detached);
    await engine.kill();
    await client;
    const inside = (path: string) => `/proc/${Pid}/root/tmp/${path}`;
    await engine.host.run("touch", [inside("go")]);
    for (const path of ["away-sh", "away-attached"])
      await until(
        () => Promise.resolve(existsSync(inside(path))),
        (there) => there,
      );
    await engine.start();
    assert.deepEqual((await listed(engine, container)).toSorted(), ids.toSorted());
    await engine.ok("exec", container, "touch", "/tmp/end");
    for (const id of ids) assert.equal((await ended(engine, id)).ExitCode, 5);
  },
);

engineTest("sessions end with their container, after the engine was away or meanwhile", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  const [first, second] = [await sleeper(engine), await sleeper(engine)];
  const ofFirst = await begin(engine, first, "sleep 1000");
  const ofSecond = await begin(engine, second, "sleep 1000");
  const pid = Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", second));
  await engine.kill();
  process.kill(pid, "SIGKILL");
  await sleep(1_000);
  await engine.start();
  assert.equal((await ended(engine, ofSecond)).ExitCode, 137);
  assert.equal((await look(engine, ofFirst)).Running, true);
  await engine.ok("kill", first);
  assert.equal((await ended(engine, ofFirst)).ExitCode, 137);
  assert.deepEqual(await died(engine, ofFirst), ["137"]);
  await engine.ok("rm", first, second);
  assert.equal((await askSocket(engine.socket, "GET", `/v1.45/exec/${ofFirst}/json`)).status, 404);
  await nothingLeft(engine, before);
});

engineTest("a health check that ran when the engine was killed doesn't run on", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  const health = ["--health-cmd", "exec sleep 777", "--health-interval", "1s", "--health-timeout", "100s"];
  const container = await sleeper(engine, ...health);
  /** Pids of the checks that run. */
  const checks = async () =>
    (await engine.ok("top", container, "-o", "pid,args"))
      .split("\n")
      .filter((line) => line.includes("sleep 777"))
      .map((line) => line.trim().split(" ")[0] ?? "");
  const [former = ""] = await until(checks, ({ length }) => length === 1);
  await engine.kill();
  await engine.start();
  await until(checks, (pids) => !pids.includes(former));
  await until(checks, ({ length }) => length === 1);
  assert.deepEqual(await listed(engine, container), []);
  await engine.ok("rm", "-f", container);
  await nothingLeft(engine, before);
});

engineTest(
  "the engine is killed at any moment of a session's start: nothing is left of half a one",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    const container = await sleeper(engine);
    for (let round = 0; round < 12; round++) {
      const script = `sleep 1000; : ${round}`;
      const clients = [
        engine.docker(["exec", container, "sh", "-c", script]),
        engine.docker(["exec", "-d", container, "sh", "-c", script]),
      ];
      await sleep(20 + round * 15);
      await engine.kill();
      await Promise.all(clients);
      await engine.start();
      const ids = await listed(engine, container);
      assert.deepEqual(kept(engine, container).toSorted(), ids.toSorted());
      const running = ((await engine.ok("top", container)).match(new RegExp(`: ${round}$`, "gm")) ?? [])
        .length;
      const ofRound: string[] = [];
      for (const id of ids) {
        const seen = await look(engine, id);
        if (seen.ProcessConfig.arguments[1] !== script) continue;
        assert.equal(seen.Running, true);
        ofRound.push(id);
      }
      assert.equal(running, ofRound.length, "who runs is known");
    }
    await engine.ok("rm", "-f", container);
    await nothingLeft(engine, before);
  },
);
