import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import { monitored, readUntil } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

for (const prefer of ["crun", "runc"] as const) {
  engineTest(`a container is paused, resumed, limited, counted, signalled (${prefer})`, async (context) => {
    const { runtime, monitor, launch, run } = await monitored(context, { prefer });
    const container = launch(
      'trap "echo caught" USR1; sleep 1000 & echo ready; while :; do wait; read x < /proc/uptime; usleep 10000; echo tick; done',
    );
    const { id } = container;
    const output = (await run(container)).output[Symbol.asyncIterator]();
    await readUntil(output, "ready");

    await runtime.pause(id);
    await assert.rejects(runtime.pause(id), { code: "engine-conflict" });
    const quiet = await runtime.stats(id, 0);
    await sleep(50);
    assert.equal((await runtime.stats(id, 0)).cpu.total, quiet.cpu.total, "it doesn't run");
    await runtime.resume(id);
    await runtime.signal(id, 10);
    await readUntil(output, "caught");

    await runtime.update(id, { memory: { limit: 64 << 20, swap: 64 << 20 }, pids: { limit: 20 } });
    const usage = await runtime.stats(id, (await runtime.processes(id))[0] ?? 0);
    assert.equal(usage.memory.limit, 64 << 20);
    assert.equal(usage.pids.limit, 20);
    assert.ok(usage.pids.current >= 2 && usage.memory.usage > 0 && usage.cpu.total > 0 && usage.cpu.host > 0);

    const { titles, processes } = await runtime.top(id, "");
    assert.deepEqual(titles.slice(0, 2), ["UID", "PID"]);
    assert.ok(processes.some((row) => row.at(-1) === "sleep 1000"));
    assert.deepEqual((await runtime.top(id, "-o pid,comm")).titles, ["PID", "COMMAND"]);
    await assert.rejects(runtime.top(id, "-o comm"), /PID field/);

    await runtime.pause(id);
    await runtime.signal(id, 9, true);
    await runtime.resume(id);
    assert.equal((await monitor.exit(id)).code, 137);
    await runtime.signal(id, 9);
    await assert.rejects(
      runtime.pause(id),
      (error) => error instanceof AppError && error.code === "engine-conflict",
    );
  });
}
