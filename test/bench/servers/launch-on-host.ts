import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnHost } from "../../engine/harness/own-host.ts";
import { plainEnvironment } from "../child.ts";

const readyLimit = 30_000;
const stopLimit = 20_000;

export interface HostLaunch {
  /** Name for messages. */
  label: string;
  command: string;
  args: readonly string[];
  /** File that gets stdout and stderr. */
  log: string;
  /** In its output as soon as it serves. */
  ready: string;
}

/** Starts a server on a host of its own and waits until it says that it is ready; disposing ends it. */
export async function launchOnHost(
  host: OwnHost,
  { label, command, args, log, ready }: HostLaunch,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  signal.throwIfAborted();
  const file = openSync(log, "a");
  // Apart, so that Ctrl-C reaches only the bench, which ends everything in its order.
  const child = host.spawn(command, args, {
    stdio: ["ignore", file, file],
    env: plainEnvironment(),
    detached: true,
  });
  closeSync(file);
  let over = false;
  const ended = once(child, "exit").then(
    () => (over = true),
    () => (over = true),
  );
  async function stop(): Promise<void> {
    if (!over) child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), stopLimit);
    await ended;
    clearTimeout(late);
  }
  const deadline = performance.now() + readyLimit;
  for (;;) {
    const output = await readFile(log, "utf8");
    if (output.includes(ready)) return { [Symbol.asyncDispose]: stop };
    if (over || signal.aborted || performance.now() > deadline) {
      await stop();
      signal.throwIfAborted();
      throw new Error(`${label} did not start:\n${output.slice(-3000)}`);
    }
    await delay(10);
  }
}
