import { pushLoad } from "../load/clients.ts";
import { mebibyte } from "../settings.ts";
import { measured, onRunning } from "./on-running.ts";
import { seedBlob } from "./registry-api.ts";
import { needsRegistry, type Workload } from "./workload.ts";

const connections = 8;
const blobs = 100;

/** Each mount links a blob into a repository that lacks it: 100 blobs, then the next repository. */
export const mount: Workload = {
  rows: [{ name: "mount", title: "mount, c=8", unit: "/s" }],
  leavesOut: needsRegistry,
  disk: () => 512 * mebibyte,
  measure: (bout) =>
    onRunning(bout, async (running) => {
      const from = `${bout.repository}/source`;
      const digests: string[] = [];
      for (let i = 0; i < blobs; i++) {
        digests.push(await seedBlob(running, from, Buffer.alloc(1024, `blob ${i} of ${from}\n`)));
      }
      const { warmup, seconds } = bout.settings;
      const job = {
        host: running.host,
        port: running.port,
        kind: "mount" as const,
        repository: `${bout.repository}/target`,
        connections,
        size: 0,
        warmup,
        seconds,
        most: Math.ceil(10_000 * Math.max(warmup, seconds)),
        from,
        blobs: digests,
      };
      return [await measured(bout, running, "/s", () => pushLoad(job, bout.signal))];
    }),
};
