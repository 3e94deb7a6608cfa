import assert from "node:assert/strict";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

const flow = new URL("harness/testcontainers-flow.ts", import.meta.url).pathname;

engineTest(
  "testcontainers: ports, waits, exec, files, logs, networks, restart, stop",
  async () => {
    await using engine = await testEngine();
    const ran = await engine.host.run(process.execPath, ["--conditions=berth-src", flow], {
      env: {
        DOCKER_HOST: `unix://${engine.socket}`,
        TESTCONTAINERS_RYUK_DISABLED: "true",
        HOME: engine.folder,
      },
      timeout: 120_000,
    });
    assert.equal(ran.code, 0, `${ran.stdout}${ran.stderr}\n${engine.logs().slice(-3_000)}`);
    assert.match(ran.stdout, /all steps done/);
    assert.equal(await engine.ok("ps", "-aq"), "");
  },
  180_000,
);
