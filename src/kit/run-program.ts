import { spawn } from "node:child_process";

export interface ProgramEnd {
  /** 128+n when signal n ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  /** Written to stdin, which is empty without it. */
  input?: string | Uint8Array;
  cwd?: string;
  /** All of its environment. Default: a plain PATH, English, UTC. */
  env?: Record<string, string>;
  signal?: AbortSignal;
  /** ms; then it gets TERM, and KILL a moment later. */
  timeout?: number;
  /** Bytes of each output that are kept, its beginning. */
  most?: number;
}

/** What programs need and no more: nothing of ours leaks into them, and their messages are in English. */
export const plainEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

const standardTimeout = 60_000;
const killAfter = 2_000;
const standardMost = 1024 * 1024;
const signals: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a program to its end. Rejects with what the system says where it can't be started (ENOENT), never for its exit code. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const {
    input,
    cwd,
    env = plainEnvironment,
    signal,
    timeout = standardTimeout,
    most = standardMost,
  } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const out = gather(most);
    const err = gather(most);
    child.stdout?.on("data", out.add);
    child.stderr?.on("data", err.add);
    // Who ends before it has read everything says so by its code.
    child.stdin?.on("error", () => undefined).end(input);
    let late: NodeJS.Timeout | undefined;
    const end = () => {
      child.kill("SIGTERM");
      late ??= setTimeout(() => child.kill("SIGKILL"), killAfter);
    };
    const timer = setTimeout(end, timeout);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted === true) end();
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(late);
      signal?.removeEventListener("abort", end);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code, name) => {
      settle();
      resolve({ code: code ?? 128 + (signals[name ?? ""] ?? 0), stdout: out.text(), stderr: err.text() });
    });
  });
}

function gather(most: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add(chunk: Buffer) {
      if (bytes < most) chunks.push(chunk.subarray(0, most - bytes));
      bytes += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}
