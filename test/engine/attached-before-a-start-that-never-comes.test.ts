import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("who is attached before the start hears when there will be none", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  for (const end of [
    ["start", "none"],
    ["rm", "none"],
  ]) {
    await engine.ok("create", "--name", "none", "busybox", end[0] === "rm" ? "true" : "/no/such/program");
    const socket = connect(engine.socket);
    socket
      .resume()
      .write(
        "POST /v1.47/containers/none/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n" +
          "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
      );
    await once(socket, "data");
    const over = once(socket, "end");
    const ran = await engine.docker(end);
    assert.equal(ran.code, end[0] === "rm" ? 0 : 1, ran.stderr);
    await over;
    socket.destroy();
    if (end[0] === "start") {
      assert.equal(await stateOf(engine, "none"), "created 127");
      await engine.ok("rm", "none");
    }
  }
  const failed = await engine.docker(["run", "--rm", "busybox", "/no/such/program"]);
  assert.equal(failed.code, 127, failed.stderr);
  assert.equal(await engine.ok("ps", "-aq"), "");
  await nothingLeft(engine, before);
});

function stateOf(engine: TestEngine, name: string): Promise<string> {
  return engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
}
