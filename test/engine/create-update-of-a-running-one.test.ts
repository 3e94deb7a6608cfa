import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readUpdate } from "#engine/create/read-update.ts";
import { resourcesOf } from "#engine/spec/resources.ts";
import { engineTest } from "./harness/needs.ts";
import { specRunner } from "./harness/run-spec.ts";

engineTest("limits of a running container are changed, and ended", async (context) => {
  const { facts, record, start, runtime, cgroupParent } = await specRunner(context);
  const made = record({
    Cmd: ["sleep", "60"],
    HostConfig: { PidsLimit: 10, Memory: 64 * 1024 * 1024, CpuShares: 512, MemorySwappiness: 5 },
  });
  await start(made);
  const control = async (controller: string, v1: string, v2: string) => {
    const folder = facts.cgroup === 1 ? `/sys/fs/cgroup/${controller}` : "/sys/fs/cgroup";
    return (
      await readFile(`${folder}${cgroupParent}/${made.id}/${facts.cgroup === 1 ? v1 : v2}`, "utf8")
    ).trim();
  };
  const update = async (body: Record<string, unknown>) => {
    made.host = readUpdate(body, made.host, facts).host;
    await runtime.update(made.id, resourcesOf(made.host, facts));
  };
  assert.equal(await control("pids", "pids.max", "pids.max"), "10");
  await update({ PidsLimit: 20, Memory: 128 * 1024 * 1024, MemorySwap: -1 });
  assert.equal(await control("pids", "pids.max", "pids.max"), "20");
  assert.equal(await control("memory", "memory.limit_in_bytes", "memory.max"), String(128 * 1024 * 1024));
  await update({ PidsLimit: -1, NanoCpus: 500_000_000 });
  assert.equal(await control("pids", "pids.max", "pids.max"), "4194304");
  assert.match(await control("cpu", "cpu.cfs_quota_us", "cpu.max"), /^50000/);
});
