import { setTimeout as delay } from "node:timers/promises";
import { mebibyte } from "../settings.ts";
import { apiRun } from "./api-run.ts";
import {
  image,
  measurementOf,
  needsEngine,
  onEngine,
  prepareEngine,
  timed,
  type Engine,
} from "./on-engine.ts";
import type { Workload } from "./workload.ts";

/** Not counted: code and files that are loaded at first use. */
const warmups = 2;
const running = "bench-running";

/** One container after the other, the kinds in turn, so that a slow moment of the machine meets them all. */
export const engineRuns: Workload = {
  rows: [
    { name: "engine-run-none", title: "docker run --rm --network none busybox true", unit: "ms" },
    { name: "engine-run-bridge", title: "docker run --rm busybox true", unit: "ms" },
    { name: "engine-run-port", title: "docker run --rm -p 18080:80 busybox true", unit: "ms" },
    { name: "engine-exec", title: "docker exec C true", unit: "ms" },
    { name: "engine-api-run", title: "run --rm --network none over the API, no CLI", unit: "ms" },
  ],
  leavesOut: needsEngine,
  prepare: prepareEngine,
  disk: () => 64 * mebibyte,
  measure: (bout) =>
    onEngine(bout, async (engine) => {
      await engine.docker("run", "-d", "--name", running, image, "sleep", "3600");
      await checkPort(engine);
      const { socket } = engine.running;
      const run = (...args: string[]) => engine.docker("run", "--rm", ...args, image, "true");
      const kinds = [
        () => timed(() => run("--network", "none")),
        () => timed(() => run()),
        () => timed(() => run("-p", "18080:80")),
        () => timed(() => engine.docker("exec", running, "true")),
        () => timed(() => apiRun(socket, image)),
      ];
      const times = kinds.map((): number[] => []);
      for (let i = -warmups; i < bout.settings.runs; i++)
        for (const [kind, measure] of kinds.entries()) {
          bout.signal.throwIfAborted();
          const time = await measure();
          if (i >= 0) times[kind]?.push(time);
        }
      return times.map(measurementOf);
    }),
};

/** That a published port leads into the container: otherwise its row would mean nothing. */
async function checkPort(engine: Engine): Promise<void> {
  const name = "bench-port";
  const server = ["busybox", "httpd", "-f", "-p", "80", "-h", "/etc"];
  await engine.docker("run", "-d", "--name", name, "-p", "18080:80", image, ...server);
  const ask = ["-e", `fetch("http://127.0.0.1:18080/passwd").then((r) => r.text()).then(console.log)`];
  for (const deadline = performance.now() + 10_000; ; await delay(50)) {
    const { stdout, stderr } = await engine.running.host.run(process.execPath, ask);
    if (stdout.includes("worker:")) break;
    if (performance.now() > deadline)
      throw new Error(`port 18080 leads nowhere: ${stderr.trim().slice(0, 500)}`);
  }
  await engine.docker("rm", "-f", name);
}
