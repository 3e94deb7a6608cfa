import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Measurement } from "../measurement.ts";
import { mebibyte } from "../settings.ts";
import { needsS3, onS3, prepareS3 } from "./on-s3.ts";
import { pushOnS3 } from "./s3-pushes.ts";
import { LeftOut, type Bout, type Workload } from "./workload.ts";

/**
 * What it costs that a hash can't leave its process: a layer whose chunks came to different processes is read
 * once after its commit. On one connection all chunks reach one process; new connections go to Berth's
 * processes in turn.
 */
export const s3Turns: Workload = {
  rows: [
    { name: "s3-pieces-one", title: "push 256 MiB, 16 MiB a PATCH, to one process, c=1", unit: "MB/s" },
    {
      name: "s3-pieces-turns",
      title: "push 256 MiB, 16 MiB a PATCH, to processes in turn, c=1",
      unit: "MB/s",
    },
  ],
  leavesOut: (server) => needsS3(server) ?? (server.id === "berth" ? undefined : "is one process"),
  prepare: prepareS3,
  disk: ({ layerSize, seconds }) => 2 * (layerSize + 4e8 * seconds),
  async measure(bout) {
    const measurements: Measurement[] = [];
    for (const [i, row] of s3Turns.rows.entries()) {
      const reconnect = i === 1;
      const repository = `${bout.repository}-${i}`;
      const plan = { kind: "pieces", connections: 1, reconnect, repository } as const;
      const { layerSize: size } = bout.settings;
      measurements.push(
        ...(await onS3(bout, async (running) => [
          await pushOnS3({ ...bout, repository }, running, row, { ...plan, size, piece: 16 * mebibyte }),
        ])),
      );
      await expectProcesses(bout, repository, reconnect);
    }
    return measurements;
  },
};

/** The access log says which process had which request. */
async function expectProcesses({ folder }: Bout, repository: string, several: boolean): Promise<void> {
  const uploads = new Map<string, Set<number>>();
  for (const line of (await readFile(join(folder, "log.txt"), "utf8")).split("\n")) {
    const upload = line.split(`/v2/${repository}/blobs/uploads/`)[1]?.split(/["?/]/)[0];
    if (upload === undefined || upload === "" || !line.includes('"PATCH"')) continue;
    const { pid } = JSON.parse(line) as { pid: number };
    uploads.set(upload, (uploads.get(upload) ?? new Set()).add(pid));
  }
  if (uploads.size === 0) throw new Error("the access log tells of no PATCH");
  // A warm-up is one PATCH, so not each upload can reach several.
  const most = Math.max(...[...uploads.values()].map(({ size }) => size));
  if (several && most === 1) throw new LeftOut("runs one process only on this machine");
  if (!several && most > 1) throw new Error(`one upload's PATCHes reached ${most} processes`);
}
