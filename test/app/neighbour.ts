import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import type { Config } from "#config/config.ts";
import { startSingle } from "#app/single.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";

/** The folder of blobs of all servers that share a database in a test: there is one for each database. */
export const sharedBlobs = mkdtempSync(join(tmpdir(), "berth-blobs-"));
process.once("exit", () => rmSync(sharedBlobs, { recursive: true, force: true }));

/** A server of this process that shares a database with others. */
export interface Neighbour extends AsyncDisposable {
  readonly url: string;
  readonly client: RegistryClient;
  /** What it logged so far. */
  readonly log: readonly Record<string, unknown>[];
  /** Entries with this message. */
  said(message: string): Record<string, unknown>[];
  /** Has the file say this from now on; it is read at the next SIGHUP of this process. */
  write(file: string): void;
}

/** @param file its configuration as YAML */
export async function startNeighbour(file: string): Promise<Neighbour> {
  const data = await mkdtemp(join(tmpdir(), "berth-neighbour-"));
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: "info" }, { write: (line) => log.push(JSON.parse(line)) });
  let config = configured(data, file);
  try {
    const server = await startSingle(config, logger, {
      file: undefined,
      read: () => Promise.resolve({ config, origins: new Map() }),
    });
    const [url = ""] = server.urls;
    return {
      url,
      client: registryClient(url),
      log,
      said: (message) => log.filter(({ msg }) => msg === message),
      write: (text) => (config = configured(data, text)),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await rm(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw error;
  }
}

function configured(data: string, file: string): Config {
  const config = defaultConfig(data, file);
  const disk = { ...config.storage.disk, path: sharedBlobs };
  return { ...config, storage: { ...config.storage, disk } };
}

/** Waits for something that takes a beat or two of the servers. */
export async function until(what: string, happened: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await happened()) return;
    await pause(100);
  }
  throw new Error(`this never happened: ${what}`);
}
