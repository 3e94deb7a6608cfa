import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { ServingUser } from "./serving-user.ts";

export interface BerthProcess {
  /** Verb and flags. */
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Who it runs as; undefined: as this process. */
  user?: ServingUser;
  /** A session of its own: what a terminal sends to its foreground doesn't reach it. */
  apart: boolean;
}

/**
 * Another `berth` of this very version, beside this one: same Node, same output, and a channel whose end tells it that
 * this process is gone.
 */
export function startBerth({ args, env, user, apart }: BerthProcess): ChildProcess {
  const [main = ""] = process.argv.slice(1);
  return spawn(process.execPath, [...process.execArgv, main, ...args], {
    env: { ...env },
    detached: apart,
    // Without standard input nobody takes it for something in a terminal. libuv drops root's groups with its id.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    ...(user !== undefined && { uid: user.uid, gid: user.gid }),
  });
}

/** Asks it to end and waits; kills it (it alone, never what it started) when that takes too long. @param grace ms */
export async function stopBerth(child: ChildProcess, grace: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), grace);
  await ended;
  clearTimeout(late);
}
