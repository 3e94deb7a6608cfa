import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

const forever = ["sleep", "1000"];

engineTest("health: a check that hangs is killed and counted, and a new run begins anew", async () => {
  await using engine = await testEngine();
  const check = [
    "--health-cmd",
    "sleep 1000 | cat",
    "--health-interval",
    "300ms",
    "--health-timeout",
    "300ms",
  ];
  await engine.ok("run", "-d", "--name", "ill", ...check, "--health-retries", "2", "busybox", ...forever);
  const health = () => engine.ok("inspect", "-f", "{{.State.Health.Status}}", "ill");
  await until(async () => (await health()) === "unhealthy");
  const log = await engine.ok("inspect", "-f", "{{json .State.Health.Log}}", "ill");
  assert.match(log, /Health check exceeded timeout/);
  await engine.ok("stop", "-t", "0", "ill");
  await engine.ok("start", "ill");
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Health.Status}}", "ill"), "starting");
  await engine.ok("rm", "-f", "ill");
  // Months are no time at all for a timer that counts in 31 bits.
  await engine.ok(
    "run",
    "-d",
    "--name",
    "rare",
    "--health-cmd",
    "true",
    "--health-interval",
    "1000h",
    "busybox",
    ...forever,
  );
  await sleep(1_000);
  assert.equal(await engine.ok("inspect", "-f", "{{len .State.Health.Log}}", "rare"), "0");
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error("it never came");
}
