import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The longest that it may take, ms. */
  timeout?: number;
}

/**
 * Runs a program to its end; what it wrote to stdout. Rejects, with the command line and everything the
 * program said, when it ends with another code than 0 or takes longer than the timeout (3 minutes).
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 180_000,
    killSignal: "SIGKILL",
    ...options,
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (end !== "0") {
    throw new Error(`${program} ${args.join(" ")} ended with ${end}\n${stderr}\n${stdout}`.trim());
  }
  return stdout;
}
