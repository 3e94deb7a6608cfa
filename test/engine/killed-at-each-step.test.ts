import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const rounds = Number(process.env.ENGINE_ROUNDS ?? 200);
/** Longer than any of the steps takes, ms: the kills are spread over it evenly. */
const longest = 160;

type Work = "run" | "start" | "stop" | "remove";
const works: readonly Work[] = ["run", "start", "stop", "remove"];

engineTest(
  `the engine killed at every step of create, start, stop, remove: ${rounds} rounds leave nothing`,
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "--rm", "-p", "18080:80", "busybox", "true");
    const before = await idleInventory(engine);
    for (let round = 0; round < rounds; round++) {
      const work = works[round % works.length] as Work;
      const name = `round${round}`;
      await prepare(engine, work, name);
      const ran = engine.docker(commandOf(work, name));
      await sleep((longest * round) / rounds);
      await engine.kill();
      const { code } = await ran;
      await engine.start();
      if (code === 0) await keptItsWord(engine, work, name);
      const removed = await engine.docker(["rm", "-f", "-v", name]);
      if (removed.code !== 0) assert.match(removed.stderr, /No such container/, `round ${round}: ${work}`);
      await nothingLeft(engine, before);
    }
  },
  20 * 60_000,
);

async function prepare(engine: TestEngine, work: Work, name: string): Promise<void> {
  if (work === "run") return;
  await engine.ok("create", "--name", name, "-p", "18080:80", "-v", "/data", "busybox", "sleep", "1000");
  if (work !== "start") await engine.ok("start", name);
}

function commandOf(work: Work, name: string): string[] {
  switch (work) {
    case "run":
      return ["run", "-d", "--name", name, "-p", "18080:80", "-v", "/data", "busybox", "sleep", "1000"];
    case "start":
      return ["start", name];
    case "stop":
      return ["stop", "-t", "0", name];
    case "remove":
      return ["rm", "-f", "-v", name];
  }
}

/** What was answered before the kill holds after it. */
async function keptItsWord(engine: TestEngine, work: Work, name: string): Promise<void> {
  const { stdout } = await engine.docker(["inspect", "-f", "{{.State.Status}}", name]);
  const expected = { run: "running", start: "running", stop: "exited", remove: "" }[work];
  assert.equal(stdout.trim(), expected, `${work} was acknowledged`);
}
