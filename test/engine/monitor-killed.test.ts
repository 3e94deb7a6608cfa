import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { conmonProcesses } from "#adapters/conmon/conmon-processes.ts";
import { startTime } from "#kit/process-start.ts";
import { eventually, monitored, outputOf, readUntil } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest(
  "a container whose monitor is killed ends with 255, and nothing of it runs on",
  async (context) => {
    const host = await monitored(context);
    const { monitor, runtime } = host;
    const launch = host.launch("echo up; sleep 1000");
    const attachment = await host.run(launch);
    const output = attachment.output[Symbol.asyncIterator]();
    await readUntil(output, "up");
    const pids = await runtime.processes(launch.id);
    const [conmon] = conmonProcesses(runtime.facts.root);
    assert.equal(conmon?.container, launch.id);
    process.kill(conmon.pid, "SIGKILL");
    assert.equal((await monitor.exit(launch.id)).code, 255);
    assert.equal((await output.next()).done, true);
    assert.ok(pids.length > 0);
    await eventually(() => pids.every((pid) => startTime(pid) === undefined));
    await monitor.release(launch.id);
    assert.deepEqual(await runtime.list(), []);
    assert.equal((await host.finish(host.launch("exit 2"))).code, 2);
  },
);

engineTest(
  "a container whose streams' holder is killed runs on; readers are cut off, others may come",
  async (context) => {
    const host = await monitored(context);
    const launch = host.launch("while :; do echo tick; usleep 20000; done");
    const first = await host.run(launch);
    const ended = outputOf(first);
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "latin1")
      .trim()
      .split(" ");
    const pid = children.find((child) =>
      readFileSync(`/proc/${child}/cmdline`, "latin1").startsWith("berth: streams"),
    );
    assert.ok(pid);
    process.kill(Number(pid), "SIGKILL");
    await ended;
    const second = host.monitor.attach(launch.id);
    assert.ok(second);
    await readUntil(second.output[Symbol.asyncIterator](), "tick");
    assert.equal(host.reports.length, 1);
    await host.monitor.release(launch.id);
  },
);
