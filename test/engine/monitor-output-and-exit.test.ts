import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { logOf, monitored, outputOf, textOf } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "output and code of a container that ends at once are complete, whichever it is",
  async (context) => {
    const host = await monitored(context);
    for (let round = 0; round < 20; round++) {
      const launch = host.launch(`echo out${round}; echo err${round} >&2; exit ${round}`);
      const attachment = await host.run(launch);
      const { code, at, oomKilled } = await host.monitor.exit(launch.id);
      assert.equal(code, round);
      assert.equal(oomKilled, false);
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      assert.deepEqual(await outputOf(attachment), { stdout: `out${round}\n`, stderr: `err${round}\n` });
      const log = await logOf(host, launch.id);
      assert.deepEqual(log.map(({ data }) => Buffer.from(data).toString()).sort(), [
        `err${round}\n`,
        `out${round}\n`,
      ]);
      await host.monitor.release(launch.id);
      assert.equal(host.monitor.attach(launch.id), undefined);
      assert.equal(existsSync(join(host.runFolder, "containers", launch.id)), false);
      assert.equal(textOf(await logOf(host, launch.id)), textOf(log), "the log stays");
    }
    assert.deepEqual(host.reports, []);
  },
);

engineTest("1 MB comes through unchanged, to the reader and into the log", async (context) => {
  const host = await monitored(context);
  const launch = host.launch("seq 1 150000; seq 1 1000 >&2");
  const { stdout, stderr, code } = await host.finish(launch);
  assert.equal(code, 0);
  assert.ok(stdout.length > 900_000 && stdout.endsWith("\n149999\n150000\n"));
  assert.equal(stderr.split("\n").length, 1001);
  const lines = await logOf(host, launch.id, { stderr: false });
  assert.ok(textOf(lines) === stdout);
});

engineTest("a killed one's code is 128 and the signal; closed streams end nothing early", async (context) => {
  const host = await monitored(context);
  const killed = host.launch("sleep 100");
  await host.run(killed);
  await host.runtime.signal(killed.id, 9);
  assert.equal((await host.monitor.exit(killed.id)).code, 137);
  const quiet = await host.finish(host.launch("exec 1>&- 2>&-; sleep 0.2; exit 5"));
  assert.equal(quiet.code, 5);
});
