import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { busyboxArchive } from "../../engine/harness/busybox-image.ts";
import { settleDisk } from "../disk.ts";
import { docker } from "../docker-cli.ts";
import { mebibyte } from "../settings.ts";
import { findProgram } from "../tools.ts";
import { startPusher } from "../servers/pusher.ts";
import { load, measurementOf, needsEngine, onEngine, prepareEngine, timed } from "./on-engine.ts";
import { LeftOut, type Bout, type Workload } from "./workload.ts";

const newLayers = 3;
const layerSize = 10 * mebibyte;

/**
 * From `docker push` to the first output of `docker run` of what was pushed. The pusher is a dockerd beside the
 * engine on both sides, so that dockerd doesn't have the layers either, and the registry is that of the engine's
 * side: Berth, or Distribution. `docker run` pulls by itself where the engine has to.
 */
export const enginePushRun: Workload = {
  rows: [
    {
      name: "engine-push-run",
      title: "docker push (3 new layers, 30 MiB), docker run to its first output",
      unit: "ms",
    },
    { name: "engine-push", title: "… its docker push alone", unit: "ms" },
    { name: "engine-first-run", title: "… its docker run alone", unit: "ms" },
  ],
  leavesOut: needsEngine,
  prepare: prepareEngine,
  // In the pusher, on their way to it, in the registry, in the engine.
  disk: ({ pushRuns }) => 5 * (pushRuns + 1) * newLayers * layerSize,
  measure: (bout) =>
    onEngine(bout, async ({ running }) => {
      if ((await findProgram("dockerd")) === undefined) throw new LeftOut("needs dockerd as the pusher");
      const { signal, folder } = bout;
      await using registry = await running.startRegistry();
      if (registry === undefined) throw new LeftOut("has no registry beside it: install docker-registry");
      await using pusher = await startPusher(running, join(folder, "pusher"));
      const times: [whole: number[], push: number[], run: number[]] = [[], [], []];
      // The first one isn't counted: with it everybody gets the base that all these images have.
      for (let i = -1; i < bout.settings.pushRuns; i++) {
        const reference = `localhost:5000/${bout.repository}:${i + 1}`;
        await load(pusher.socket, join(folder, "new.tar"), await newImage(reference), signal);
        await settleDisk(signal);
        const push = await timed(() =>
          docker({ socket: pusher.socket, args: ["push", "--quiet", reference], signal }),
        );
        const run = await firstOutput(running.socket, reference, bout);
        if (i < 0) continue;
        for (const [row, time] of [push + run, push, run].entries()) times[row]?.push(time);
      }
      return times.map(measurementOf);
    }),
};

/** Layers that nobody has, in text that compresses to three quarters. */
async function newImage(reference: string): Promise<Buffer> {
  const layers = Array.from({ length: newLayers }, (_, i) => ({
    [`app/part-${i}`]: randomBytes((layerSize / 4) * 3).toString("base64"),
  }));
  return await busyboxArchive(reference, layers);
}

/** Spawn of the CLI to the first byte that the container printed, ms. */
async function firstOutput(socket: string, reference: string, { signal }: Bout): Promise<number> {
  const begun = performance.now();
  let first: number | undefined;
  const output = await docker({
    socket,
    args: ["run", "--rm", reference, "echo", "up"],
    signal,
    onOutput: () => (first ??= performance.now() - begun),
  });
  if (first === undefined || output !== "up\n")
    throw new Error(`the container printed ${JSON.stringify(output)}`);
  return first;
}
