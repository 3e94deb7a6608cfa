import assert from "node:assert/strict";
import { test } from "node:test";
import { readContainer } from "#engine/create/read-container.ts";
import { readUpdate } from "#engine/create/read-update.ts";
import { resourcesOf } from "#engine/spec/resources.ts";
import { ampleFacts, imageWith } from "./harness/made-record.ts";

const host = (HostConfig: Record<string, unknown>) =>
  readContainer({ HostConfig }, imageWith({ Cmd: ["x"] }), ampleFacts).host;

test("update changes what it names and leaves the rest", () => {
  const before = host({ Memory: 1e7, CpuShares: 5, PidsLimit: 9, MemorySwappiness: 7, OomKillDisable: true });
  const { host: after, warnings } = readUpdate(
    // As the CLI sends it: everything is there.
    {
      CpuShares: 0,
      Memory: 2e7,
      MemorySwap: 4e7,
      NanoCpus: 0,
      PidsLimit: null,
      MemorySwappiness: null,
      OomKillDisable: null,
      Devices: [],
      Ulimits: null,
      CpusetCpus: "",
      RestartPolicy: { Name: "", MaximumRetryCount: 0 },
    },
    before,
    ampleFacts,
  );
  assert.deepEqual(after, { ...before, Memory: 2e7, MemorySwap: 4e7 });
  assert.deepEqual(warnings, []);
  assert.deepEqual(resourcesOf(after, ampleFacts), {
    memory: { limit: 2e7, swap: 4e7, swappiness: 7, disableOOMKiller: true },
    cpu: { shares: 5 },
    pids: { limit: 9 },
  });
  assert.equal(before.Memory, 1e7, "what was there is not touched");
});

test("update ends a limit of processes with -1, and takes a restart policy", () => {
  const { host: after } = readUpdate(
    { PidsLimit: -1, RestartPolicy: { Name: "on-failure", MaximumRetryCount: 4 } },
    host({ PidsLimit: 9 }),
    ampleFacts,
  );
  assert.equal(after.PidsLimit, 0);
  assert.deepEqual(after.RestartPolicy, { Name: "on-failure", MaximumRetryCount: 4 });
});

test("update is refused in dockerd's words", () => {
  const refused = (
    body: Record<string, unknown>,
    code: string,
    message: string | RegExp,
    before = host({}),
  ) => assert.throws(() => readUpdate(body, before, ampleFacts), { code, message });
  refused({ Memory: 5 }, "engine-invalid", "Minimum memory limit allowed is 6MB");
  refused(
    { Memory: 3e7 },
    "engine-conflict",
    "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    host({ Memory: 1e7 }),
  );
  refused({ NanoCpus: 5e9 }, "engine-invalid", /^Range of CPUs/);
  refused({ CpuQuota: 5000 }, "engine-conflict", /^Conflicting options: CPU Quota/, host({ NanoCpus: 1e9 }));
  refused(
    { CpuPeriod: 5000 },
    "engine-conflict",
    /^Conflicting options: CPU Period/,
    host({ NanoCpus: 1e9 }),
  );
  refused({ RestartPolicy: { Name: "foo" } }, "engine-invalid", "invalid restart policy 'foo'");
  refused({ RestartPolicy: 5 }, "engine-invalid", /^json: cannot unmarshal number/);
});
