import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { plainEnvironment } from "../child.ts";
import { isAlive, processTree } from "../process-tree.ts";
import { probe } from "./probe.ts";
import type { RunningServer } from "./server.ts";

const readyLimit = 30_000;
const stopLimit = 10_000;

export interface Launch {
  /** Name for messages. */
  label: string;
  command: string;
  args: readonly string[];
  /** Working folder. */
  folder: string;
  /** File that gets stdout and stderr, the access log among them. */
  log: string;
  port: number;
  /** What GET /v2/ answers when it is ready; 401 where it asks who one is. */
  ready?: 200 | 401;
  env?: Record<string, string>;
}

/** Spawns a server and waits until GET /v2/ answers as it should. */
export async function launch(what: Launch, signal: AbortSignal): Promise<RunningServer> {
  signal.throwIfAborted();
  const host = "127.0.0.1";
  const log = openSync(what.log, "a");
  const begun = performance.now();
  const child = spawn(what.command, what.args, {
    cwd: what.folder,
    stdio: ["ignore", log, log],
    env: { ...plainEnvironment(), ...what.env },
  });
  closeSync(log);
  let failure: Error | undefined;
  child.once("error", (error) => (failure = error));
  try {
    for (;;) {
      if ((await probe(host, what.port)) === (what.ready ?? 200)) break;
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
      if (performance.now() - begun > readyLimit) {
        throw new Error(`/v2/ did not answer ${what.ready ?? 200} within ${readyLimit / 1000} s`);
      }
      await delay(4);
    }
  } catch (error) {
    await stop(child);
    signal.throwIfAborted();
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${what.label} did not start: ${text}\n${lastLines(what.log)}`, { cause: error });
  }
  return {
    host,
    port: what.port,
    pid: child.pid,
    readyAfter: performance.now() - begun,
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** TERM to the server, KILL to what is left of its tree when the time is over. */
async function stop(child: ChildProcess): Promise<void> {
  const pid = child.pid;
  if (pid === undefined) return;
  const tree = processTree(pid);
  if (!hasEnded(child)) child.kill("SIGTERM");
  const deadline = performance.now() + stopLimit;
  while (tree.some(isAlive) && performance.now() < deadline) await delay(10);
  for (const mark of tree.filter(isAlive)) {
    try {
      process.kill(mark.pid, "SIGKILL");
    } catch {
      // It ended just now.
    }
  }
  const last = performance.now() + 2000;
  while (!hasEnded(child) && performance.now() < last) await delay(10);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(-3000);
  } catch {
    return "";
  }
}
