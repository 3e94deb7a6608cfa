import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const cycles = Number(process.env.ENGINE_CYCLES ?? 1_000);
const atOnce = 5;

engineTest("twenty containers at once: every output and exit code is right", async () => {
  await using engine = await testEngine();
  const runs = Array.from({ length: 20 }, async (_, i) => {
    const ran = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      `echo out ${i}; echo err ${i} >&2; exit ${i}`,
    ]);
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [i, `out ${i}\n`, `err ${i}\n`]);
  });
  await Promise.all(runs);
  assert.equal(await engine.ok("ps", "-aq"), "");
});

engineTest(
  `${cycles} containers started and removed leave nothing behind, and the engine doesn't grow`,
  async () => {
    await using engine = await testEngine();
    await cycle(engine, 50);
    const before = await idleInventory(engine);
    const memory = await memoryOf(engine.pid);
    await cycle(engine, cycles);
    await nothingLeft(engine, before);
    const grown = (await memoryOf(engine.pid)) - memory;
    assert.ok(grown < 64 * 1024, `the engine's memory grew by ${grown} KiB`);
    assert.equal(await engine.ok("system", "df", "--format", "{{.TotalCount}}"), "1\n0\n0\n0");
  },
  20 * 60_000,
);

async function cycle(engine: TestEngine, count: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const i = next++;
        const ports = i % 5 === 0 ? ["-p", "127.0.0.1::80"] : [];
        assert.equal(
          await engine.ok("run", "--rm", ...ports, "-v", "/data", "busybox", "echo", String(i)),
          String(i),
        );
      }
    }),
  );
}

/** KiB of the process itself. */
async function memoryOf(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN);
}
