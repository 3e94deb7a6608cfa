import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { monitored } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("a process that is expected, once or often, moves nobody to another cgroup", async (context) => {
  const host = await monitored(context);
  const before = await readFile("/proc/self/cgroup", "utf8");
  host.monitor.expectProcess();
  const { code } = await host.finish(host.launch("exit 3"));
  assert.equal(code, 3);
  for (let i = 0; i < 50; i++) host.monitor.expectProcess();
  assert.equal((await host.finish(host.launch("exit 4"))).code, 4);
  assert.equal(await readFile("/proc/self/cgroup", "utf8"), before);
  assert.deepEqual(host.reports, []);
});
