// GET and HEAD load as a program of its own. Job on stdin, figures on stdout.
// wrk can't do HEAD (it waits for the body that Content-Length announces) and reads 8 KiB at a time.
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { LoadResult } from "./measurement.ts";
import type { ReadJob } from "./load/read-job.ts";
import { Reader } from "./load/reader.ts";
import { percentile } from "./statistics.ts";

const job = JSON.parse(await text(process.stdin)) as ReadJob;
const fields = Object.entries(job.headers).map(([name, value]) => `${name}: ${value}\r\n`);
const asked = job.paths.map((path) =>
  Buffer.from(
    `${job.method} ${path} HTTP/1.1\r\nHost: ${job.host}:${job.port}\r\n${fields.join("")}\r\n`,
    "latin1",
  ),
);
const memory = Buffer.allocUnsafe(512 * 1024);
let latencies: number[] = [];
let bytes = 0;
let turn = 0;
let fault: string | undefined;
/** How long answers are waited for when the time given was too short for any, ms. */
const patience = 60_000;
let enough: (() => void) | undefined;
const stopped = new AbortController();

const next = () => asked[turn++ % asked.length] ?? Buffer.alloc(0);
const events = {
  bytes: (count: number) => void (bytes += count),
  answer: (latency: number) => {
    latencies.push(latency);
    if (latencies.length >= job.connections) enough?.();
  },
  fail: (message: string) => {
    fault ??= message;
    stopped.abort();
  },
};
const readers = Array.from({ length: job.connections }, () => new Reader({ ...job, memory }, next, events));
await wait(job.warmup);
latencies = [];
bytes = 0;
const begun = performance.now();
await wait(job.seconds);
if (latencies.length === 0 && fault === undefined) await firstAnswers();
const seconds = (performance.now() - begun) / 1000;
for (const reader of readers) reader.end();
if (fault === undefined) {
  const result: LoadResult = {
    operations: latencies.length,
    bytes,
    seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
  process.stdout.write(JSON.stringify(result));
} else {
  process.stderr.write(`${job.method} ${job.paths[0]}: ${fault}`);
  process.exitCode = 1;
}

/** So many seconds, fewer when there is nothing left to wait for. */
async function wait(time: number): Promise<void> {
  if (time > 0) await delay(time * 1000, undefined, { signal: stopped.signal }).catch(() => undefined);
}

/** An answer for each connection, or patience at its end. */
async function firstAnswers(): Promise<void> {
  enough = () => stopped.abort();
  await wait(patience / 1000);
}
