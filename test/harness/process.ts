import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";

export interface BerthProcess extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:PORT` */
  host: string;
  data: string;
  pid: number;
  /** Sends the signal; SIGKILL goes to keeper and workers. Resolves when all have ended. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** SIGTERM, wait, remove the data folder if it was made here. */
  stop(): Promise<void>;
  /** Everything printed so far, stdout and stderr. */
  logs(): string;
}

export interface SpawnOptions {
  /** Written as YAML. */
  config?: Record<string, unknown>;
  env?: Record<string, string>;
  args?: string[];
  /** An existing folder to start on again; the caller removes it. */
  data?: string;
}

const startTimeout = 20_000;
const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** A real Berth process on a free port, one worker unless told otherwise. */
export async function spawnBerth(options: SpawnOptions = {}): Promise<BerthProcess> {
  const own = await mkdtemp(join(tmpdir(), "berth-process-"));
  const data = options.data ?? join(own, "data");
  const file = join(own, "berth.yaml");
  await writeFile(file, stringify({ workers: 1, ...options.config }));
  const child = spawn(
    process.execPath,
    ["--conditions=berth-src", main, "serve", "--config", file, "--data", data]
      .concat(options.config?.listen === undefined ? ["--listen", "127.0.0.1:0"] : [])
      .concat(options.args ?? []),
    // A group of its own, so that SIGKILL reaches the workers too.
    { env: { ...inherited(), ...options.env }, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  let over = false;
  void ended.then(() => (over = true));

  const end = Date.now() + startTimeout;
  let url: string | undefined;
  while (url === undefined && !over && Date.now() < end) {
    url = /"addresses":\["(https?:[^"]+)"/.exec(output)?.[1];
    if (url === undefined) await sleep(20);
  }
  if (url === undefined || child.pid === undefined) {
    if (!over && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await rm(own, { recursive: true, force: true });
    throw new Error(`berth did not get ready:\n${output}`);
  }
  const { pid } = child;

  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (!over) process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    return ended;
  }
  async function stop(): Promise<void> {
    const late = setTimeout(() => void kill("SIGKILL"), 60_000);
    await kill("SIGTERM");
    clearTimeout(late);
    await rm(own, { recursive: true, force: true });
  }
  return {
    url,
    host: new URL(url).host,
    data,
    pid,
    kill,
    stop,
    logs: () => output,
    [Symbol.asyncDispose]: stop,
  };
}

/** The environment without Berth's own variables: whoever runs the tests may have set some. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("BERTH_")));
}
