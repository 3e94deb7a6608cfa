import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxArchive } from "../../engine/harness/busybox-image.ts";
import { lacking } from "../../engine/harness/needs.ts";
import { settleDisk } from "../disk.ts";
import { docker } from "../docker-cli.ts";
import type { Measurement } from "../measurement.ts";
import type { RunningEngine } from "../servers/engine.ts";
import type { Server } from "../servers/server.ts";
import { median } from "../statistics.ts";
import { findProgram } from "../tools.ts";
import type { Bout } from "./workload.ts";

/** An engine with one small image, and the docker CLI against it: what it printed. */
export interface Engine {
  running: RunningEngine;
  docker(...args: string[]): Promise<string>;
}

/** The image that every engine has. */
export const image = "busybox";

/** Starts the bout's engine on a host of its own, works with it, and ends it whatever happens. */
export async function onEngine(
  { server, folder, signal }: Bout,
  work: (engine: Engine) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  await using running = await server.startEngine?.(folder, signal);
  if (running === undefined) return [];
  const { socket } = running;
  const engine: Engine = { running, docker: (...args) => docker({ socket, args, signal }) };
  await load(
    engine.running.socket,
    join(folder, "busybox.tar"),
    await busyboxArchive(`${image}:latest`),
    signal,
  );
  await settleDisk(signal);
  return await work(engine);
}

/** Has an engine load an image, by a file that stays. */
export async function load(
  socket: string,
  file: string,
  archive: Buffer,
  signal: AbortSignal,
): Promise<void> {
  await writeFile(file, archive);
  await docker({ socket, args: ["load", "-i", file], signal });
}

export function needsEngine(server: Server): string | undefined {
  return server.startEngine === undefined ? "runs no containers" : undefined;
}

export async function prepareEngine(): Promise<void> {
  const lack = lacking();
  if (lack !== undefined)
    throw new Error(`containers need ${lack} on this machine; berth doctor says how to get it`);
  if ((await findProgram("docker")) === undefined)
    throw new Error("the docker CLI is not installed; put docker on PATH");
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

export function measurementOf(times: number[]): Measurement {
  return { value: median(times), times };
}
