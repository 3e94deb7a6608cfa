import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runChild } from "../child.ts";
import type { LoadResult } from "../measurement.ts";
import type { ReadJob } from "./read-job.ts";

interface WrkSummary {
  requests: number;
  bytes: number;
  microseconds: number;
  p50: number;
  p99: number;
  connect: number;
  read: number;
  write: number;
  status: number;
  timeout: number;
}

/** GET load by wrk with one thread. Its times are whole seconds. */
export async function wrkLoad(
  wrk: string,
  job: ReadJob,
  folder: string,
  signal: AbortSignal,
): Promise<LoadResult> {
  const file = join(folder, "wrk.lua");
  await writeFile(file, script(job));
  const run = async (seconds: number) => {
    const whole = Math.max(1, Math.round(seconds));
    const { stdout } = await runChild({
      command: wrk,
      args: [
        "-t1",
        `-c${job.connections}`,
        `-d${whole}s`,
        "--timeout",
        "30s",
        "-s",
        file,
        `http://${job.host}:${job.port}${job.paths[0] ?? "/"}`,
      ],
      limit: whole * 1000 + 60_000,
      signal,
    });
    const found = /BENCH (\{.*\})/.exec(stdout)?.[1];
    if (found === undefined) throw new Error(`wrk printed no figures: ${stdout.slice(0, 500)}`);
    return JSON.parse(found) as WrkSummary;
  };
  if (job.warmup > 0) await run(job.warmup);
  const summary = await run(job.seconds);
  const faults = (["connect", "read", "write", "status", "timeout"] as const).filter(
    (kind) => summary[kind] > 0,
  );
  if (faults.length > 0) {
    throw new Error(
      `GET ${job.paths[0]}: ${faults.map((kind) => `${summary[kind]} ${kind} errors`).join(", ")}`,
    );
  }
  return {
    operations: summary.requests,
    bytes: summary.bytes,
    seconds: summary.microseconds / 1e6,
    p50: summary.p50 / 1000,
    p99: summary.p99 / 1000,
  };
}

function script(job: ReadJob): string {
  const lines = Object.entries(job.headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  if (job.paths.length > 1) {
    lines.push(
      `local paths = {${job.paths.map((path) => `"${path}"`).join(", ")}}`,
      "local requests, at = {}, 0",
      "function init(args)",
      "  for i, path in ipairs(paths) do requests[i] = wrk.format(nil, path) end",
      "end",
      "function request()",
      "  at = at % #requests + 1",
      "  return requests[at]",
      "end",
    );
  }
  lines.push(
    "function done(summary, latency, requests)",
    "  local e = summary.errors",
    '  io.write(string.format(\'BENCH {"requests":%d,"bytes":%d,"microseconds":%d,"p50":%d,"p99":%d,' +
      '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\\n\',',
    "    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),",
    "    e.connect, e.read, e.write, e.status, e.timeout))",
    "end",
    "",
  );
  return lines.join("\n");
}
