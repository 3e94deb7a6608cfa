import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Launch } from "#core/engine/monitor.ts";
import { eventually, logOf, monitored, type Monitored, readUntil, textOf } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

type Part = Launch & { attach?: boolean; wait?: boolean };

function engine(host: Monitored, launches: readonly Part[]) {
  return fork(
    join(import.meta.dirname, "harness/engine-to-kill.ts"),
    [host.runFolder, JSON.stringify(launches), host.folder, host.cgroupParent],
    { execArgv: ["--conditions=berth-src"] },
  );
}

async function killed(host: Monitored, launches: readonly Part[]): Promise<void> {
  const child = engine(host, launches);
  for (let said: unknown; said !== "started";) [said] = (await once(child, "message")) as unknown[];
  child.kill("SIGKILL");
  await once(child, "exit");
}

engineTest("containers go on when the engine is killed, and are taken up again", async (context) => {
  const host = await monitored(context);
  const { monitor } = host;
  const living = host.launch("i=0; while :; do echo tick $i; i=$((i+1)); usleep 20000; done");
  const ending = host.launch("sleep 0.5; echo last words; exit 6");
  const terminal = host.launch(["sh"], { tty: true, stdin: true });
  const waiting = host.launch("echo never");
  await killed(host, [
    { ...living, attach: true },
    ending,
    { ...terminal, attach: true },
    { ...waiting, wait: true },
  ]);
  await eventually(() => existsSync(join(host.runFolder, "exits", ending.id)));

  const found = await Promise.all([living, ending, terminal, waiting].map((launch) => monitor.adopt(launch)));
  assert.deepEqual(
    found.map((one) => one?.running),
    [true, false, true, undefined],
  );
  await monitor.sweep(new Set([living.id, ending.id, terminal.id]));

  assert.equal((await monitor.exit(ending.id)).code, 6);
  assert.equal(textOf(await logOf(host, ending.id)), "last words\n");
  assert.equal(monitor.attach(ending.id), undefined);

  const ticks = monitor.attach(living.id)?.output[Symbol.asyncIterator]();
  assert.ok(ticks);
  await readUntil(ticks, "tick");
  const shell = monitor.attach(terminal.id);
  assert.ok(shell);
  const screen = shell.output[Symbol.asyncIterator]();
  await shell.write(Buffer.from("echo back=$((1+1))\n"));
  await readUntil(screen, "back=2");

  await host.runtime.signal(living.id, 15);
  await host.runtime.signal(living.id, 9);
  assert.equal((await monitor.exit(living.id)).code, 137);
  const lines = textOf(await logOf(host, living.id))
    .trimEnd()
    .split("\n");
  assert.ok(
    lines.every((line, number) => line === `tick ${number}`),
    "the log has no gap",
  );
  for (const { id } of [living, ending, terminal]) await monitor.release(id);
  assert.deepEqual(await host.runtime.list(), []);
  assert.deepEqual(await readdir(join(host.runFolder, "exits")), []);
  assert.equal(await monitor.adopt(living), undefined);
});

engineTest("an engine killed at any moment leaves nothing that a sweep doesn't find", async (context) => {
  const host = await monitored(context);
  const before = await ours(host);
  assert.deepEqual(before, []);
  for (let round = 0; round < 12; round++) {
    const child = engine(host, [host.launch("sleep 1000"), host.launch("sleep 0.01")]);
    await once(child, "message");
    await sleep(round * 8);
    child.kill("SIGKILL");
    await once(child, "exit");
    // What was on its way still comes: a sweep is for engines that start, which takes longer than that.
    await sleep(100);
    await host.monitor.sweep(new Set());
    assert.deepEqual(await ours(host), [], `after round ${round}`);
  }
});

/** Whatever is there of this host's containers: processes, state, files, cgroups. */
async function ours(host: Monitored): Promise<string[]> {
  const found = [
    ...(await host.runtime.list()),
    ...(await readdir(join(host.runFolder, "containers"))),
    ...(await readdir(join(host.runFolder, "exits"))),
  ];
  for (const controller of ["memory", "pids", "freezer", "cpu", ""])
    found.push(
      ...(
        await readdir(join("/sys/fs/cgroup", controller, host.cgroupParent), { withFileTypes: true }).catch(
          () => [],
        )
      )
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `cgroup ${controller} ${name}`),
    );
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(`${host.runFolder}/`) && pid !== String(process.pid))
      found.push(line.replaceAll("\0", " "));
  }
  return found;
}
