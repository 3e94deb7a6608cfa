import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnBerth } from "../harness/process.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";

type Settings = NonNullable<Parameters<typeof spawnBerth>[0]>["config"];

/** A real server that can be killed and started again on the same data folder. */
export interface CrashingServer extends AsyncDisposable {
  /** Folder of everything that is stored. */
  readonly data: string;
  readonly pid: number;
  /** Of the running server; another one after each start. */
  readonly client: RegistryClient;
  /** kill -9 of all its processes. */
  kill(): Promise<void>;
  /** Starts again after `kill`. */
  start(settings?: Settings): Promise<void>;
  /** `kill` and `start`. */
  crash(settings?: Settings): Promise<void>;
}

/**
 * @param settings of each start that names none of its own.
 * @param folder data folder; by default a new one that is removed in the end.
 */
export async function crashingServer(settings?: Settings, folder?: string): Promise<CrashingServer> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), "berth-crash-")));
  const spawn = (own: Settings) =>
    spawnBerth({ data, config: { log: { access: false }, ...(own ?? settings) } });
  const remove = async () => {
    if (folder === undefined) await rm(data, { recursive: true, force: true });
  };
  let berth: Awaited<ReturnType<typeof spawnBerth>> | undefined;
  let client: RegistryClient | undefined;

  async function kill(): Promise<void> {
    await berth?.kill("SIGKILL");
    await berth?.[Symbol.asyncDispose]();
    berth = undefined;
  }

  async function start(own?: Settings): Promise<void> {
    berth = await spawn(own);
    client = registryClient(berth.url);
  }

  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }

  return {
    data,
    get pid() {
      if (berth === undefined) throw new Error("the server was killed and not started again");
      return berth.pid;
    },
    get client() {
      if (client === undefined) throw new Error("the server was never started");
      return client;
    },
    kill,
    start,
    async crash(own) {
      await kill();
      await start(own);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await remove();
    },
  };
}
