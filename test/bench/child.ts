import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

export interface ChildRun {
  command: string;
  args: readonly string[];
  /** Longest run, ms; then TERM, and KILL two seconds later. */
  limit: number;
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** Told on stdin. */
  input?: string;
  /** Told what comes on stdout, as it comes. */
  onOutput?: (text: string) => void;
}

/** Runs a program to its end and returns what it printed; a failure carries the end of its stderr. */
export async function runChild(run: ChildRun): Promise<{ stdout: string; stderr: string }> {
  run.signal?.throwIfAborted();
  const child = spawn(run.command, run.args, {
    stdio: [run.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: run.env ?? plainEnvironment(),
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    run.onOutput?.(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-8000)));
  if (run.input !== undefined) {
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(run.input);
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  let killed = "";
  const kill = (why: string) => {
    killed ||= why;
    child.kill("SIGTERM");
    void delay(2000, undefined, { ref: false }).then(() => child.kill("SIGKILL"));
  };
  const timer = setTimeout(() => kill(`it ran longer than ${run.limit / 1000} s`), run.limit);
  const abort = () => kill("the bench was stopped");
  run.signal?.addEventListener("abort", abort, { once: true });
  try {
    const { code, signal } = await ended;
    if (code !== 0 || killed !== "") {
      const why = killed || (code === null ? `it was killed by ${signal}` : `it ended with code ${code}`);
      throw new Error(`${run.command} failed: ${why}\n${(stderr || stdout).trim().slice(-3000)}`);
    }
    return { stdout, stderr };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", abort);
  }
}

/** The environment for servers and tools: nothing in it changes how one of them works. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { LANG: "C" };
  for (const key of ["PATH", "HOME", "TMPDIR"])
    if (process.env[key] !== undefined) kept[key] = process.env[key];
  return kept;
}
