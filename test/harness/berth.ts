import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import type { Config } from "#config/config.ts";
import { startSingle, type RunningServer } from "#app/single.ts";
import { defaultConfig } from "./default-config.ts";

/** Some keys of a config, at any depth; lists are replaced whole. */
export type PartialConfig = {
  [K in keyof Config]?: Config[K] extends readonly unknown[] | string | number | undefined
    ? Config[K]
    : PartialOf<Config[K]>;
};

type PartialOf<T> = T extends readonly unknown[] | undefined
  ? T
  : T extends object
    ? { [K in keyof T]?: PartialOf<T[K]> }
    : T;

export interface TestBerth extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; changes with restart(). */
  url: string;
  /** Every address, those of the metrics last. */
  urls: string[];
  /** The data folder; gone with the server. */
  data: string;
  /** Stops (drains) and starts again on the same folder. */
  restart(): Promise<void>;
}

/**
 * The real app in this process: free port, real files, real SQLite.
 * @param file configuration as YAML, under the overrides
 */
export async function startBerth(overrides: PartialConfig = {}, file?: string): Promise<TestBerth> {
  const data = await mkdtemp(join(tmpdir(), "berth-test-"));
  const config = merge(defaultConfig(data, file), overrides);
  const log = pino({ level: "silent" });
  let server: RunningServer;
  try {
    server = await startSingle(config, log);
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw error;
  }
  return {
    data,
    get url() {
      return server.urls[0] ?? "";
    },
    get urls() {
      return server.urls;
    },
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await startSingle(config, log);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function merge<T>(base: T, over: unknown): T {
  if (typeof base !== "object" || base === null || Array.isArray(base)) return over as T;
  const merged = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(over as object))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged as T;
}
