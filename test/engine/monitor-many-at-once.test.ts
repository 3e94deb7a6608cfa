import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { conmonProcesses } from "#adapters/conmon/conmon-processes.ts";
import { logOf, monitored, textOf } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("twenty at once: each has its own output and code, and nothing is left", async (context) => {
  const host = await monitored(context);
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  const ends = await Promise.all(
    numbers.map((number) =>
      host.finish(host.launch(`seq 1 50; echo ${number}; echo no >&2; exit ${number}`)),
    ),
  );
  for (const [number, { stdout, stderr, code }] of ends.entries()) {
    assert.equal(stdout.split("\n").at(-2), String(number));
    assert.equal(stdout.split("\n").length, 52);
    assert.equal(stderr, "no\n");
    assert.equal(code, number);
  }
  assert.deepEqual(await host.runtime.list(), []);
  assert.deepEqual(conmonProcesses(host.runtime.facts.root), []);
  for (const folder of ["exits", "containers"])
    assert.deepEqual(await readdir(join(host.runFolder, folder)), []);
  assert.deepEqual(host.reports, []);
});

engineTest("one container runs again and again, and its log goes on", async (context) => {
  const host = await monitored(context);
  const launch = host.launch("echo once more; exit 1");
  for (let round = 0; round < 4; round++) assert.equal((await host.finish(launch)).code, 1);
  assert.equal(textOf(await logOf(host, launch.id)), "once more\n".repeat(4));
});

engineTest("an idle container takes less than 5 MB beside its own", async (context) => {
  const host = await monitored(context);
  const launch = host.launch(["sleep", "1000"]);
  await host.monitor.create(launch);
  await host.monitor.start(launch.id);
  const watching = conmonProcesses(host.runtime.facts.root);
  assert.equal(watching.length, 1);
  const map = await readFile(`/proc/${watching[0]?.pid}/smaps_rollup`, "latin1");
  const kilobytes = Number(/^Pss:\s+(\d+) kB$/m.exec(map)?.[1]);
  assert.ok(kilobytes > 0 && kilobytes < 3000, `${kilobytes} kB`);
});
