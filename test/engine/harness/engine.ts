import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { busyboxArchive } from "./busybox-image.ts";
import { openOwnHost, type OwnHost, type Ran, type RunOptions } from "./own-host.ts";

/** A real `berth engine` on a host of its own, with the docker CLI beside it. */
export interface TestEngine extends AsyncDisposable {
  readonly host: OwnHost;
  readonly folder: string;
  readonly socket: string;
  readonly pid: number;
  /** The unmodified docker CLI against it. */
  docker(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** As `docker`; throws where its exit code isn't 0. What it printed, without the last newline. */
  ok(...args: string[]): Promise<string>;
  /** Everything printed so far. */
  logs(): string;
  /** kill -9 of the engine alone. */
  kill(): Promise<void>;
  /** SIGTERM, and its end. */
  stop(): Promise<number | null>;
  start(): Promise<void>;
}

const main = new URL("../../../src/main.ts", import.meta.url).pathname;
const startTimeout = 20_000;

/** @param config of the whole file; `engine` is added to. */
export async function testEngine(
  config: Record<string, unknown> = {},
  image = "busybox:latest",
): Promise<TestEngine> {
  const host = await openOwnHost();
  const folder = await mkdtemp(join(tmpdir(), "be-"));
  const socket = join(folder, "e.sock");
  const file = join(folder, "berth.yaml");
  await writeFile(
    file,
    stringify({
      data: join(folder, "data"),
      ...config,
      engine: {
        listen: [`unix://${socket}`],
        data: join(folder, "engine"),
        run_folder: join(folder, "run"),
        ...(config["engine"] as object | undefined),
      },
    }),
  );
  let child: ChildProcess | undefined;
  let output = "";
  let ended: Promise<number | null> = Promise.resolve(0);

  async function start(): Promise<void> {
    const from = output.length;
    child = host.spawn(process.execPath, ["--conditions=berth-src", main, "engine", "--config", file], {
      env: { PATH: process.env.PATH ?? "", HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    let over = false;
    ended = once(child, "exit").then(([code]) => {
      over = true;
      return code as number | null;
    });
    const end = Date.now() + startTimeout;
    while (!output.slice(from).includes('"ready"')) {
      if (over || Date.now() > end) throw new Error(`the engine did not get ready:\n${output}`);
      await sleep(10);
    }
  }

  const docker: TestEngine["docker"] = (args, options) =>
    host.run("docker", ["-H", `unix://${socket}`, ...args], {
      ...options,
      env: { DOCKER_CONFIG: join(folder, "docker"), HOME: folder, ...options?.env },
    });

  const engine: TestEngine = {
    host,
    folder,
    socket,
    get pid() {
      if (child?.pid === undefined) throw new Error("the engine doesn't run");
      return child.pid;
    },
    docker,
    async ok(...args) {
      const ran = await docker(args);
      if (ran.code !== 0)
        throw new Error(
          `docker ${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}\n${output.slice(-4_000)}`,
        );
      return ran.stdout.replace(/\n$/, "");
    },
    logs: () => output,
    async kill() {
      child?.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child?.kill("SIGTERM");
      const late = setTimeout(() => child?.kill("SIGKILL"), 30_000);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
    start,
    async [Symbol.asyncDispose]() {
      try {
        const ids = (await docker(["ps", "-aq"])).stdout.split("\n").filter((id) => id !== "");
        if (ids.length > 0) await docker(["rm", "-f", "-v", ...ids]);
        await engine.stop();
      } finally {
        await host[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
  try {
    await start();
    if (image !== "") {
      const loaded = await docker(["load"], { input: await busyboxArchive(image) });
      if (loaded.code !== 0) throw new Error(`docker load: ${loaded.stdout}${loaded.stderr}\n${output}`);
    }
    return engine;
  } catch (error) {
    await Promise.resolve(engine[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  }
}
