import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createMonitor } from "#adapters/conmon/monitor.ts";
import { openRuntime, type OciRuntime } from "#adapters/oci-runtime/runtime.ts";
import type { Attachment } from "#core/engine/output.ts";
import type { Launch, Monitor } from "#core/engine/monitor.ts";
import type { LogLine, LogQuery } from "#core/engine/output.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import { busyboxRoot, plainSpec } from "./busybox-root.ts";

export interface Monitored {
  runtime: OciRuntime;
  monitor: Monitor & AsyncDisposable;
  runFolder: string;
  folder: string;
  root: string;
  /** Cgroups lie below it, in every hierarchy. */
  cgroupParent: string;
  logPath(id: string): string;
  reports: string[];
  /** What to create with: `sh -c script`, or the words. */
  launch(command: string | string[], options?: LaunchOptions): Launch;
  /** Creates, attaches, starts. */
  run(launch: Launch): Promise<Attachment>;
  /** Runs it to its end: output by stream, and the code. */
  finish(launch: Launch): Promise<{ stdout: string; stderr: string; code: number }>;
}

export interface LaunchOptions extends Partial<Pick<Launch, "tty" | "stdin" | "stdinOnce" | "log">> {
  spec?: (spec: RuntimeSpec) => void;
}

export interface MonitoredOptions {
  prefer?: "crun" | "runc";
  patience?: number;
}

/** Where monitor and runtime work: a temp folder and a run folder that go with the test, and all that ran. */
export async function monitored(context: TestContext, options: MonitoredOptions = {}): Promise<Monitored> {
  const folder = await mkdtemp(join(tmpdir(), "berth-monitor-"));
  const runFolder = await mkdtemp(join("/run", "berth-monitor-"));
  const cgroupParent = `/berth-test-${randomBytes(4).toString("hex")}`;
  const root = await busyboxRoot(join(folder, "root"));
  const runtime = await openRuntime({
    runFolder,
    cgroupParent,
    prefer: options.prefer,
    log: () => undefined,
  });
  const reports: string[] = [];
  const logPath = (id: string) => join(folder, `${id.slice(0, 12)}.log`);
  const monitor = createMonitor({
    runFolder,
    runtime,
    logPath,
    patience: options.patience,
    report: (error, what) => reports.push(`${what}: ${String(error)}`),
  });
  context.after(async () => {
    await monitor.sweep(new Set());
    for (const id of await readdir(join(runFolder, "containers"))) await monitor.release(id);
    await monitor[Symbol.asyncDispose]();
    await runtime[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    await rm(runFolder, { recursive: true, force: true });
  });

  async function run(launch: Launch): Promise<Attachment> {
    await monitor.create(launch);
    const attachment = monitor.attach(launch.id);
    if (attachment === undefined) throw new Error("not attached");
    await monitor.start(launch.id);
    return attachment;
  }

  return {
    runtime,
    monitor,
    runFolder,
    folder,
    root,
    cgroupParent,
    logPath,
    reports,
    launch: (command, { spec: change, ...rest } = {}) => {
      const id = randomBytes(32).toString("hex");
      const args = typeof command === "string" ? ["sh", "-c", command] : command;
      const spec = plainSpec(root, `${cgroupParent}/${id}`, args, { terminal: rest.tty ?? false });
      change?.(spec);
      return {
        ...{ id, name: id.slice(0, 12), folder, spec, tty: false, stdin: false, stdinOnce: false },
        log: { driver: "file", maxSize: 0, maxFiles: 1 },
        ...rest,
      };
    },
    run,
    finish: async (launch) => {
      const attachment = await run(launch);
      const [{ stdout, stderr }, { code }] = await Promise.all([
        outputOf(attachment),
        monitor.exit(launch.id),
      ]);
      await monitor.release(launch.id);
      return { stdout, stderr, code };
    },
  };
}

export async function outputOf(attachment: Attachment): Promise<{ stdout: string; stderr: string }> {
  const all = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  for await (const { stream, data } of attachment.output) all[stream].push(data);
  return { stdout: Buffer.concat(all.stdout).toString(), stderr: Buffer.concat(all.stderr).toString() };
}

/** Reads until the output so far holds `text`. */
export async function readUntil(
  attachment: AsyncIterator<{ data: Uint8Array }>,
  text: string,
): Promise<string> {
  let seen = "";
  while (!seen.includes(text)) {
    const next = await attachment.next();
    if (next.done === true) throw new Error(`it ended after ${JSON.stringify(seen)}`);
    seen += Buffer.from(next.value.data).toString();
  }
  return seen;
}

export const allOfLog: LogQuery = {
  ...{ stdout: true, stderr: true, follow: false },
  ...{ tail: undefined, since: undefined, until: undefined },
};

export async function logOf(
  { monitor }: Pick<Monitored, "monitor">,
  id: string,
  query: Partial<LogQuery> = {},
  signal = new AbortController().signal,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of monitor.logs(id, { ...allOfLog, ...query }, signal)) lines.push(line);
  return lines;
}

export const textOf = (lines: readonly LogLine[]): string =>
  Buffer.concat(lines.map(({ data }) => data)).toString();

/** Waits until something holds, at most 10 s. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it doesn't come to hold");
}
