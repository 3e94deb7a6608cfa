import assert from "node:assert/strict";
import { monitored } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("a container over its memory is told from one that was killed", async (context) => {
  const { monitor, launch, run } = await monitored(context);
  const limited = (script: string) =>
    launch(script, {
      spec: ({ linux }) => {
        linux.resources = { memory: { limit: 24 << 20, swap: 24 << 20 } };
      },
    });
  for (const script of ["exec tail /dev/zero", "tail /dev/zero; echo a child; exit 7"]) {
    const hungry = limited(script);
    await run(hungry);
    const { code, oomKilled } = await monitor.exit(hungry.id);
    assert.equal(code, script.startsWith("exec") ? 137 : 7);
    assert.equal(oomKilled, true);
    await monitor.release(hungry.id);
  }
  const modest = limited("kill -9 -1; exit 3");
  await run(modest);
  assert.equal((await monitor.exit(modest.id)).oomKilled, false);
});

engineTest(
  "a fork bomb ends at its limit of processes, and all of it with the container",
  async (context) => {
    const { monitor, runtime, launch, run } = await monitored(context);
    const bomb = launch("bomb() { bomb & bomb & wait; }; bomb; sleep 1000", {
      spec: ({ linux }) => {
        linux.resources = { pids: { limit: 30 } };
      },
    });
    await run(bomb);
    assert.ok((await runtime.processes(bomb.id)).length <= 30);
    await runtime.signal(bomb.id, 9, true);
    await monitor.exit(bomb.id);
    await monitor.release(bomb.id);
    assert.deepEqual(await runtime.list(), []);
  },
);
