import assert from "node:assert/strict";
import { busyboxArchive } from "./harness/busybox-image.ts";
import { testEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "an image deleted while its container runs: it goes on, restarts, is committed, and is tidied away",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    await engine.ok("run", "-d", "--name", "box", "busybox", "sh", "-c", "echo started; exec sleep 1000");
    const id = await engine.ok("images", "-q", "--no-trunc", "busybox");

    const named = await engine.docker(["rmi", "busybox"]);
    assert.equal(named.code, 1);
    assert.match(named.stderr, /must force\) - container [0-9a-f]{12} is using its referenced image/);
    const byId = await engine.docker(["rmi", "-f", id]);
    assert.equal(byId.code, 1);
    assert.match(byId.stderr, /cannot be forced\) - image is being used by running container/);
    assert.match(await engine.ok("rmi", "-f", "busybox"), /^Untagged: busybox:latest$/m);
    await engine.ok("image", "prune", "-a", "-f");
    assert.equal((await engine.docker(["create", "busybox", "true"])).code, 1, "its name is gone");

    assert.equal(await engine.ok("exec", "box", "echo", "goes on"), "goes on");
    await engine.ok("restart", "-t", "0", "box");
    assert.equal(await engine.ok("logs", "--tail", "1", "box"), "started");
    await engine.ok("exec", "box", "sh", "-c", "echo mine > /root/mine");
    await engine.ok("commit", "box", "made:1");
    assert.equal(await engine.ok("run", "--rm", "made:1", "cat", "/root/mine"), "mine");
    await engine.ok("stop", "-t", "0", "box");
    await engine.ok("image", "prune", "-a", "-f");
    await engine.ok("start", "box");
    await engine.kill();
    await engine.start();
    assert.equal(await engine.ok("exec", "box", "cat", "/root/mine"), "mine");
    await engine.ok("rm", "-f", "box");
    await engine.docker(["rmi", "-f", "made:1", id]);
    await engine.ok("image", "prune", "-a", "-f");
    assert.equal(await engine.ok("images", "-aq"), "");
    await nothingLeft(engine, before);
  },
);

engineTest(
  "a forced removal by id of a stopped container's image: the container starts all the same",
  async () => {
    await using engine = await testEngine();
    await engine.ok("create", "--name", "box", "busybox", "echo", "still here");
    const id = await engine.ok("images", "-q", "--no-trunc", "busybox");
    await engine.ok("rmi", "-f", id);
    assert.equal(await engine.ok("images", "-aq"), "");
    assert.equal(await engine.ok("start", "-a", "box"), "still here");
    await engine.ok("diff", "box");
    await engine.ok("inspect", "--size", "box");
    await engine.ok("ps", "-a", "--size");
    const commit = await engine.docker(["commit", "box", "made"]);
    assert.ok(commit.code === 0 || /No such image/i.test(commit.stderr), commit.stderr);
    await engine.ok("rm", "box");
    assert.equal((await engine.docker(["run", "--rm", "busybox", "true"])).code, 125);
  },
);

engineTest(
  "images removed and containers made of them at the same time: never a container without its root",
  async () => {
    await using engine = await testEngine();
    const archive = await busyboxArchive("busybox:latest");
    for (let round = 0; round < 4; round++) {
      const [created, removed] = await Promise.all([
        engine.docker(["create", "--name", "box", "busybox", "echo", "whole"]),
        engine.docker(["rmi", "-f", "busybox"]),
      ]);
      assert.equal(removed.code, 0, removed.stderr);
      if (created.code === 0) {
        assert.equal(await engine.ok("start", "-a", "box"), "whole");
        await engine.docker(["load"], { input: archive });
        await engine.ok("rm", "box");
      } else {
        assert.match(created.stderr, /No such image|Unable to find image/);
        break;
      }
    }
  },
);
