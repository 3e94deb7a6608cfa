import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { plainEnvironment } from "../child.ts";
import type { Collecting } from "./server.ts";

/** Starts a command that collects garbage; what it says goes to a file. */
export function runCollector(
  command: string,
  args: readonly string[],
  log: string,
  signal: AbortSignal,
): Collecting {
  const out = openSync(log, "a");
  const child = spawn(command, args, { stdio: ["ignore", out, out], env: plainEnvironment(), signal });
  closeSync(out);
  const done = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, ended) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`collecting ended with ${code ?? ended}: ${readFileSync(log, "utf8").slice(-2_000)}`),
        );
    });
  });
  return { pid: child.pid ?? 0, done };
}
