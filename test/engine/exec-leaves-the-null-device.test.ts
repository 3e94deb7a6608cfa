import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "who runs in a container as another user doesn't become the owner of this machine's /dev/null",
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "-d", "--name", "main", "-u", "1000", "busybox", "sleep", "300");
    const owner = "exec 3<&0; stat -L -c %a /proc/self/fd/3";
    assert.equal(await engine.ok("exec", "-u", "1001", "main", "sh", "-c", owner), "666");
    await engine.ok("exec", "-d", "-u", "1002", "main", "true");
    const { uid, gid, mode } = await stat("/dev/null");
    assert.deepEqual({ uid, gid, mode: mode & 0o777 }, { uid: 0, gid: 0, mode: 0o666 });
  },
);
