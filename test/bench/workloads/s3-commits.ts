import type { Measurement } from "../measurement.ts";
import { needsS3, onS3, prepareS3 } from "./on-s3.ts";
import { pushOnS3 } from "./s3-pushes.ts";
import type { Workload } from "./workload.ts";

/**
 * The last PUT alone of layers whose bytes came in one PATCH: three of 256 MiB and one of 2 GiB. The others have
 * their turn in the first round only: it takes minutes, and the difference isn't one of percents.
 */
export const s3Commits: Workload = {
  rows: [
    { name: "s3-commit-256m", title: "commit of 256 MiB (the last PUT), c=1", unit: "ms" },
    { name: "s3-commit-2g", title: "commit of 2 GiB (the last PUT), c=1", unit: "ms" },
  ],
  leavesOut: needsS3,
  prepare: prepareS3,
  // Twice, because a registry may copy what it commits.
  disk: ({ commitSizes: [one, other] }) => 2 * (3 * one + other),
  async measure(bout) {
    if (bout.round > 0 && bout.server.id !== "berth") return [];
    return await onS3(bout, async (running) => {
      const plan = { kind: "patch", timed: "put", connections: 1, seconds: 300 } as const;
      const measurements: Measurement[] = [];
      for (const [i, row] of s3Commits.rows.entries()) {
        const size = bout.settings.commitSizes[i] ?? 0;
        measurements.push(await pushOnS3(bout, running, row, { ...plan, size, most: i === 0 ? 3 : 1 }));
      }
      return measurements;
    });
  },
};
