import assert from "node:assert/strict";
import { join } from "node:path";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { spawnBerth } from "../harness/process.ts";
import { until } from "../webhooks/target.ts";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("that containers start and exit is told to the registry, also when it comes later", async () => {
  await using engine = await testEngine();
  const data = join(engine.folder, "data");
  await engine.ok("run", "--name", "early", "busybox", "true");
  await using berth = await spawnBerth({ data });
  const told = async () => {
    await using metadata = await openOperatorMetadata(defaultConfig(data));
    const events = await metadata.outbox.list(0, 99);
    return events.map(({ action, subject, repository }) => [action, subject, repository]);
  };
  await until(async () => (await told()).length === 2, "what was before is told");
  const { code } = await engine.docker(["run", "--name", "late", "busybox", "sh", "-c", "exit 3"]);
  assert.equal(code, 3);
  await engine.ok("start", "-a", "early");
  await until(async () => (await told()).length === 6, "what was after is told");
  assert.deepEqual(await told(), [
    ["start", "early", undefined],
    ["exit", "early 0", undefined],
    ["start", "late", undefined],
    ["exit", "late 3", undefined],
    ["start", "early", undefined],
    ["exit", "early 0", undefined],
  ]);
  assert.equal(berth.logs().includes('"level":50'), false);
});
