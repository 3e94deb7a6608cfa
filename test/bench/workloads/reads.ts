import { randomBytes } from "node:crypto";
import { readLoad } from "../load/clients.ts";
import type { Measurement } from "../measurement.ts";
import type { RunningServer } from "../servers/server.ts";
import { mebibyte } from "../settings.ts";
import { measured, onRunning } from "./on-running.ts";
import { ask, digestOf, manifestType, seedBlob, seedImage } from "./registry-api.ts";
import { needsRegistry, type Bout, type Row, type Workload } from "./workload.ts";

export const manifestGet: Workload = {
  rows: [{ name: "manifest-get", title: "manifest GET by tag, c=32", unit: "/s" }],
  leavesOut: needsRegistry,
  disk: () => mebibyte,
  measure: (bout) =>
    onRunning(bout, async (running) => {
      const image = await seedImage(running, bout.repository, "latest");
      const path = `/v2/${bout.repository}/manifests/latest`;
      await expectBody(running, path, image.digest);
      return [
        await read(bout, running, manifestGet.rows[0], { method: "GET", paths: [path], connections: 32 }),
      ];
    }),
};

export const blobHead: Workload = {
  rows: [{ name: "blob-head", title: "blob HEAD, c=32", unit: "/s" }],
  leavesOut: needsRegistry,
  disk: () => 32 * mebibyte,
  measure: (bout) =>
    onRunning(bout, async (running) => {
      const paths = await seedBlobs(bout, running, 16, mebibyte);
      return [await read(bout, running, blobHead.rows[0], { method: "HEAD", paths, connections: 32 })];
    }),
};

export const blobGets: Workload[] = [
  blobGet({ name: "blob-get-1m", title: "GET 1 MiB, c=16", unit: "MB/s" }, 16, mebibyte),
  blobGet({ name: "blob-get-64m", title: "GET 64 MiB, c=4", unit: "MB/s" }, 4, 64 * mebibyte),
];

function blobGet(row: Row, connections: number, size: number): Workload {
  return {
    rows: [row],
    leavesOut: () => undefined,
    disk: () => 2 * connections * size,
    measure: (bout) =>
      onRunning(bout, async (running) => {
        const paths = await seedBlobs(bout, running, connections, size);
        return [await read(bout, running, row, { method: "GET", paths, connections })];
      }),
  };
}

/** As many blobs as connections, so that no lucky page or cache line serves them all. */
export async function seedBlobs(
  bout: Bout,
  running: RunningServer,
  count: number,
  size: number,
): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const digest = await seedBlob(running, bout.repository, randomBytes(size));
    paths.push(`/v2/${bout.repository}/blobs/${digest}`);
  }
  const first = paths[0] ?? "";
  await expectBody(running, first, first.slice(first.lastIndexOf("/") + 1));
  return paths;
}

/** A load generator only counts; this looks once at what it will get. */
async function expectBody(running: RunningServer, path: string, digest: string): Promise<void> {
  const { body } = await ask(running, "GET", path, [200]);
  if (digestOf(body) !== digest) throw new Error(`GET ${path} gave other bytes than were pushed`);
}

/** Reads for the settings' time; one row's figures. */
export async function read(
  bout: Bout,
  running: RunningServer,
  row: Row | undefined,
  what: { method: "GET" | "HEAD"; paths: string[]; connections: number; headers?: Record<string, string> },
): Promise<Measurement> {
  const { warmup, seconds } = bout.settings;
  const job = {
    host: running.host,
    port: running.port,
    warmup,
    seconds,
    ...what,
    headers: { Accept: manifestType, ...what.headers },
  };
  const unit = row?.unit ?? "/s";
  const tools = { wrk: bout.wrk, folder: bout.folder, large: unit === "MB/s" };
  return await measured(bout, running, unit, () => readLoad(job, tools, bout.signal));
}
