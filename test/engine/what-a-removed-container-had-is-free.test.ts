import assert from "node:assert/strict";
import { testEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("after run --rm its volume, network, port and address are free at once", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  for (let round = 0; round < 6; round++) {
    await engine.ok("network", "create", "--subnet", "10.99.0.0/29", "net");
    const with_ = ["-v", "data:/data", "--network", "net", "--ip", "10.99.0.3", "-p", "18080:80"];
    for (let run = 0; run < 2; run++) await engine.ok("run", "--rm", ...with_, "busybox", "true");
    await engine.ok("volume", "rm", "data");
    await engine.ok("network", "rm", "net");
  }
  await nothingLeft(engine, before);
});

engineTest("a port is free again once wait has answered", async () => {
  await using engine = await testEngine();
  const run = ["run", "-d", "-p", "18080:80", "busybox", "sleep", "0.2"];
  for (let round = 0; round < 6; round++) {
    const id = await engine.ok(...run);
    await engine.ok("wait", id);
  }
  await engine.ok("container", "prune", "-f");
});

engineTest(
  "a network in use stays, one without addresses says so, and both are usable afterwards",
  async () => {
    await using engine = await testEngine();
    await engine.ok("network", "create", "--subnet", "10.98.0.0/29", "small");
    const names = ["c1", "c2", "c3", "c4", "c5"];
    for (const name of names)
      await engine.ok("run", "-d", "--name", name, "--network", "small", "busybox", "sleep", "1000");
    const more = await engine.docker(["run", "--name", "more", "--network", "small", "busybox", "true"]);
    assert.equal(more.code, 125);
    assert.match(more.stderr, /no available (IPv4 )?addresses/i);
    await engine.ok("rm", "more");
    const removed = await engine.docker(["network", "rm", "small"]);
    assert.equal(removed.code, 1);
    assert.match(removed.stderr, /has active endpoints/);
    assert.match(await engine.ok("exec", "c1", "ping", "-c", "1", "c2"), /1 packets received/);
    await engine.ok("rm", "-f", "c3");
    await engine.ok("run", "--rm", "--network", "small", "busybox", "true");
    await engine.ok("rm", "-f", "c1", "c2", "c4", "c5");
    await engine.ok("create", "--name", "later", "--network", "small", "busybox", "true");
    await engine.ok("network", "rm", "small");
    const gone = await engine.docker(["start", "later"]);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /network small not found/);
  },
);
