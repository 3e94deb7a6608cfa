/** A process with a monitor of its own, to be killed: `node engine-to-kill.ts RUNFOLDER LAUNCHES LOGFOLDER`. */
import { join } from "node:path";
import { createMonitor } from "#adapters/conmon/monitor.ts";
import { openRuntime } from "#adapters/oci-runtime/runtime.ts";
import type { Launch } from "#core/engine/monitor.ts";

const [runFolder = "", launches = "[]", logFolder = "", cgroupParent = ""] = process.argv.slice(2);
const runtime = await openRuntime({ runFolder, cgroupParent, log: () => undefined });
const monitor = createMonitor({
  runFolder,
  runtime,
  logPath: (id) => join(logFolder, `${id.slice(0, 12)}.log`),
  report: () => undefined,
});
setInterval(() => undefined, 1000);
process.send?.("ready");
for (const launch of JSON.parse(launches) as (Launch & { attach?: boolean; wait?: boolean })[]) {
  await monitor.create(launch);
  if (launch.attach === true) monitor.attach(launch.id);
  if (launch.wait !== true) await monitor.start(launch.id);
}
process.send?.("started");
