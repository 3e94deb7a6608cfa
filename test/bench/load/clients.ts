import { fileURLToPath } from "node:url";
import { runChild } from "../child.ts";
import type { LoadResult } from "../measurement.ts";
import type { PullJob, PullReport } from "../pull/job.ts";
import type { PushJob, PushReport } from "../push/job.ts";
import type { ReadJob } from "./read-job.ts";
import { wrkLoad } from "./wrk.ts";

const reader = fileURLToPath(new URL("../read-client.ts", import.meta.url));
const puller = fileURLToPath(new URL("../pull-client.ts", import.meta.url));
const pusher = fileURLToPath(new URL("../push-client.ts", import.meta.url));

/**
 * Small GETs go to wrk when it is there (the cheapest generator per request); HEAD and large bodies to the
 * bench's own client, which reads half a mebibyte at a time.
 */
export async function readLoad(
  job: ReadJob,
  tools: { wrk: string | undefined; folder: string; large: boolean },
  signal: AbortSignal,
): Promise<LoadResult> {
  if (tools.wrk !== undefined && job.method === "GET" && !tools.large) {
    const result = await wrkLoad(tools.wrk, job, tools.folder, signal);
    // Slower than the time given: the own client waits for the answers under way.
    if (result.operations > 0) return result;
  }
  return JSON.parse(
    await client(reader, job, (job.warmup + job.seconds) * 1000 + 120_000, signal),
  ) as LoadResult;
}

export async function pushLoad(job: PushJob, signal: AbortSignal): Promise<PushReport> {
  // The count bounds the work; a disk may still be slow.
  const limit = (job.warmup + job.seconds) * 1000 + 600_000;
  return JSON.parse(await client(pusher, job, limit, signal)) as PushReport;
}

/** Pulls that fail are in the report. */
export async function pullLoad(job: PullJob, signal: AbortSignal): Promise<PullReport> {
  // Two hundred clients of one large image get it slowly where each makes the cache fetch it anew.
  return JSON.parse(await client(puller, job, 3_600_000, signal)) as PullReport;
}

async function client(
  file: string,
  job: ReadJob | PushJob | PullJob,
  limit: number,
  signal: AbortSignal,
): Promise<string> {
  const input = JSON.stringify(job);
  const { stdout } = await runChild({ command: process.execPath, args: [file], limit, signal, input });
  return stdout;
}
