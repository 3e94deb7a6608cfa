// Pushes as a program of its own, so that its CPU time and memory are nobody else's. Job on stdin, report on stdout.
import { text } from "node:stream/consumers";
import { largePushes } from "./push/large.ts";
import { mounts } from "./push/mount.ts";
import type { PushJob, PushReport } from "./push/job.ts";
import { smallPushes } from "./push/small.ts";
import { Wire } from "./push/wire.ts";
import { percentile } from "./statistics.ts";

/** `restart` sets the clock of this push anew. */
type Push = (wire: Wire, connection: number, restart: () => void) => Promise<string>;

const job = JSON.parse(await text(process.stdin)) as PushJob;
const push: Push =
  job.kind === "small" ? smallPushes(job) : job.kind === "mount" ? mounts(job) : largePushes(job);
const wires = Array.from({ length: job.connections }, () => new Wire(job.host, job.port));
const digests: string[] = [];
try {
  if (job.warmup > 0) await phase(job.warmup);
  const report: PushReport = { ...(await phase(job.seconds)), digests: digests.length > 1000 ? [] : digests };
  process.stdout.write(JSON.stringify(report));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  for (const wire of wires) wire[Symbol.dispose]();
}

/** All connections push until the time or the count is up; the clock stops when the last one is answered. */
async function phase(seconds: number): Promise<Omit<PushReport, "digests">> {
  const latencies: number[] = [];
  let left = job.most;
  const begun = performance.now();
  const deadline = begun + seconds * 1000;
  const connection = async (wire: Wire, number: number) => {
    do {
      if (left-- <= 0) return;
      let from = performance.now();
      digests.push(await push(wire, number, () => (from = performance.now())));
      latencies.push(performance.now() - from);
    } while (performance.now() < deadline);
  };
  await Promise.all(wires.map(connection));
  return {
    operations: latencies.length,
    bytes: job.kind === "mount" ? 0 : latencies.length * job.size,
    seconds: (performance.now() - begun) / 1000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}
