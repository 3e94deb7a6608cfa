import assert from "node:assert/strict";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const rounds = 6;

engineTest("two starts at the same time: one starts it, the other is told that it runs", async () => {
  await using engine = await testEngine();
  const { both, create } = verbs(engine);
  for (let round = 0; round < rounds; round++) {
    await create(`c${round}`);
    const path = `/containers/c${round}/start`;
    assert.deepEqual((await both(["POST", path], ["POST", path])).toSorted(), [204, 304]);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", `c${round}`), "running");
  }
});

engineTest("two removals at the same time: one removes it, the other is told so", async () => {
  await using engine = await testEngine();
  const { both, create } = verbs(engine);
  const before = await idleInventory(engine);
  for (let round = 0; round < rounds; round++) {
    await create("one", round % 2 === 0);
    const path = "/containers/one?force=1&v=1";
    const [one, other] = (await both(["DELETE", path], ["DELETE", path])).toSorted();
    assert.equal(one, 204);
    assert.ok(other === 404 || other === 409, String(other));
  }
  await nothingLeft(engine, before);
});

engineTest("stop against remove at the same time: both are answered, and nothing is left", async () => {
  await using engine = await testEngine();
  const { both, create } = verbs(engine);
  const before = await idleInventory(engine);
  for (let round = 0; round < rounds; round++) {
    await create("one", true, round % 2 === 0);
    const verb = ["stop?t=1", "kill", "restart?t=0"][round % 3] ?? "";
    const [stopped, removed] = await both(
      ["POST", `/containers/one/${verb}`],
      ["DELETE", "/containers/one?force=1"],
    );
    assert.ok([204, 304, 404, 409].includes(stopped ?? 0), `${verb}: ${stopped}`);
    // Where it goes with its end, that may have been faster.
    assert.ok([204, 404, 409].includes(removed ?? 0), `remove: ${removed}`);
    assert.equal(await engine.ok("ps", "-aq"), "");
  }
  await nothingLeft(engine, before);
});

engineTest("start against remove: a container that runs isn't taken away under its process", async () => {
  await using engine = await testEngine();
  const { both, create } = verbs(engine);
  const before = await idleInventory(engine);
  for (let round = 0; round < 2 * rounds; round++) {
    const force = round % 2;
    await create("one", false);
    const [started, removed] = await both(
      ["POST", "/containers/one/start"],
      ["DELETE", `/containers/one?force=${force}`],
    );
    const state = (await engine.docker(["inspect", "-f", "{{.State.Status}}", "one"])).stdout.trim();
    if (removed === 204) assert.equal(state, "", `started: ${started}`);
    else assert.deepEqual([started, removed, state], [204, 409, "running"]);
    if (force === 1) assert.equal(removed, 204);
    await engine.docker(["rm", "-f", "one"]);
  }
  await nothingLeft(engine, before);
});

engineTest("a container is found by its name only once it is whole", async () => {
  await using engine = await testEngine();
  const { both } = verbs(engine);
  const before = await idleInventory(engine);
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], Volumes: { "/data": {} } };
  for (let round = 0; round < rounds; round++) {
    const [created, ...others] = await both(
      ["POST", "/containers/create?name=one", body],
      ["POST", "/containers/one/start"],
      ["DELETE", "/containers/one?force=1&v=1"],
      ["POST", "/containers/create?name=one", body],
    );
    assert.ok(created === 201 || created === 409, String(created));
    for (const status of others) assert.ok([201, 204, 404, 409].includes(status), String(status));
    await engine.docker(["rm", "-f", "-v", "one"]);
    await nothingLeft(engine, before);
  }
  await engine.kill();
  await engine.start();
  assert.equal(await engine.ok("ps", "-aq"), "", "what was removed doesn't come back");
});

engineTest(
  "everything at the same time, of a few containers: no fault of ours, and nothing left",
  async () => {
    await using engine = await testEngine();
    const { ask, create } = verbs(engine);
    const before = await idleInventory(engine);
    const names = ["first", "second"];
    const work = [
      ["POST", "start"],
      ["POST", "stop?t=0"],
      ["POST", "restart?t=0"],
      ["POST", "pause"],
      ["POST", "unpause"],
      ["POST", "kill"],
      ["GET", "json?size=1"],
      ["GET", "archive?path=/etc"],
      ["GET", "stats?stream=0&one-shot=1"],
      ["GET", "top"],
      ["GET", "logs?stdout=1"],
      ["POST", "update"],
      ["DELETE", "?force=1"],
    ] as const;
    const seen: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let i = 0; i < 12; i++) {
          const name = names[(worker + i) % names.length] ?? "";
          const [method, verb] = work[(worker * 5 + i * 7) % work.length] ?? ["GET", "json"];
          const path = `/containers/${name}${verb.startsWith("?") ? "" : "/"}${verb}`;
          const { status, text } = await ask(
            method,
            path,
            verb === "update" ? { CpuShares: 512 } : undefined,
          );
          if (status >= 500) seen.push(`${method} ${verb}: ${status} ${text}`);
          if (status === 404) await create(name).catch(() => undefined);
        }
      }),
    );
    // What docker itself answers 500: unpausing what isn't paused.
    assert.deepEqual(
      seen.filter((line) => !/is not paused/.test(line)),
      [],
    );
    for (const name of names) await engine.docker(["rm", "-f", "-v", name]);
    await nothingLeft(engine, before);
  },
);

function verbs(engine: TestEngine) {
  const ask = (method: string, path: string, body?: unknown) =>
    askSocket(engine.socket, method, `/v1.47${path}`, body);
  return {
    ask,
    async both(...requests: [method: string, path: string, body?: unknown][]): Promise<number[]> {
      const answers = await Promise.all(requests.map((request) => ask(...request)));
      return answers.map(({ status }) => status);
    },
    async create(name: string, started = false, autoRemove = false): Promise<void> {
      const body = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { AutoRemove: autoRemove } };
      const { status, text } = await ask("POST", `/containers/create?name=${name}`, body);
      assert.equal(status, 201, text);
      if (started) assert.equal((await ask("POST", `/containers/${name}/start`)).status, 204);
    },
  };
}
