import { mebibyte } from "../settings.ts";
import { image, measurementOf, needsEngine, onEngine, prepareEngine, timed } from "./on-engine.ts";
import type { Workload } from "./workload.ts";

/** Containers started by as many CLIs at once, until the last CLI has ended; each must print its own number. */
export const engineCrowd: Workload = {
  rows: [{ name: "engine-crowd", title: "20 docker run --rm busybox echo I at once", unit: "ms" }],
  leavesOut: needsEngine,
  prepare: prepareEngine,
  disk: () => 64 * mebibyte,
  measure: (bout) =>
    onEngine(bout, async (engine) => {
      await engine.docker("run", "--rm", image, "true");
      const numbers = Array.from({ length: bout.settings.containers }, (_, i) => String(i));
      let ends: PromiseSettledResult<string>[] = [];
      const time = await timed(async () => {
        const runs = numbers.map((number) => engine.docker("run", "--rm", image, "echo", number));
        ends = await Promise.allSettled(runs);
      });
      for (const [i, end] of ends.entries()) {
        if (end.status === "rejected") throw end.reason;
        if (end.value !== `${numbers[i]}\n`)
          throw new Error(`container ${numbers[i]} printed ${JSON.stringify(end.value)}`);
      }
      return [measurementOf([time])];
    }),
};
