import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A host of a test's own: a network namespace with nothing but lo, and a mount namespace, so that bridges, firewall
 * lines, listeners and mounts of an engine under test never meet those of this machine.
 */
export interface OwnHost extends AsyncDisposable {
  /** Of the process that holds the namespaces. */
  readonly pid: number;
  /** Starts a program there; the caller ends it. */
  spawn(program: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Runs a program there to its end. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** What an engine can leave on it: mounts, links, firewall lines, one a line. */
  traces(): Promise<string[]>;
}

export interface RunOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
  /** ms; default a minute. */
  timeout?: number;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** stdout as it came. */
  bytes: Buffer;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function openOwnHost(): Promise<OwnHost> {
  const script = "ip link set lo up && echo ready && exec sleep 3600";
  const holder = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH },
    // Apart, so that Ctrl-C leaves the host to who still cleans up on it.
    detached: true,
  });
  if (holder.pid === undefined) throw new Error("unshare can't be started");
  await once(holder.stdout, "data");
  const { pid } = holder;

  const start: OwnHost["spawn"] = (program, args, options = {}) => {
    // Folders have the same names there, but are others' mounts.
    const folder = `--wdns=${String(options.cwd ?? process.cwd())}`;
    return spawn("nsenter", ["-t", String(pid), "-n", "-m", folder, program, ...args], options);
  };

  const run: OwnHost["run"] = (program, args, options) => runToEnd(start, program, args, options);

  return {
    pid,
    spawn: start,
    run,
    async traces() {
      const mounts = (await readFile(`/proc/${pid}/mountinfo`, "utf8"))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => `mount ${line.split(" ")[4]}`);
      const links = (await run("ip", ["-o", "link"])).stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => `link ${(line.split(": ")[1] ?? "").replace(/@.*/, "")}`);
      const rules: string[] = [];
      for (const save of ["iptables-save", "ip6tables-save"])
        rules.push(
          ...(await run(save, [])).stdout
            .split("\n")
            .filter((line) => line.startsWith("-A"))
            // Where names are answered is another port each time.
            .map((line) => `${save} ${line.replaceAll(/(--dport|--to-ports) \d{5}\b/g, "$1 ANY")}`),
        );
      return [...mounts, ...links, ...rules].toSorted();
    },
    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await Promise.race([once(holder, "exit"), sleep(5_000)]);
    },
  };
}

/** Runs what `start` starts to its end. */
export async function runToEnd(
  start: OwnHost["spawn"],
  program: string,
  args: readonly string[],
  { input, env, cwd, timeout = 60_000 }: RunOptions = {},
): Promise<Ran> {
  const child = start(program, args, {
    env: { PATH, HOME: "/root", ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on("error", () => undefined).end(input);
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, timeout);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  const bytes = Buffer.concat(stdout);
  return {
    code: code ?? 137,
    stdout: bytes.toString("utf8"),
    stderr: Buffer.concat(stderr).toString("utf8"),
    bytes,
  };
}
