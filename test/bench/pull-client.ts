// Pulls of whole images as a program of its own. Job on stdin, report on stdout.
import { text } from "node:stream/consumers";
import { PullClient } from "./pull/client.ts";
import type { Image, PullJob, PullReport } from "./pull/job.ts";

const faultsTold = 5;

const job = JSON.parse(await text(process.stdin)) as PullJob;
const memory = Buffer.allocUnsafe(512 * 1024);
const clients = Array.from({ length: job.clients }, () => new PullClient({ ...job, memory }, job.hash));
const report: PullReport = { bytes: 0, seconds: 0, pulls: [], firstBytes: [], failed: 0, faults: [] };
/** Clients of a crowd that still wait for the first byte of their layer. */
let waiting = job.clients;
/** Of each pull whose layer has begun, ms. */
let layersBegun: { asked: number; after: number }[] = [];
let brokenOff = false;
let begun = performance.now();

await phase(job.images.slice(0, job.warmup), 0);
Object.assign(report, { bytes: 0, pulls: [] });
layersBegun = [];
begun = performance.now();
// A warm-up that failed stays in the report: nothing that follows would mean anything.
if (report.failed === 0) await phase(job.images.slice(job.warmup), job.seconds ?? 0);
report.seconds = (performance.now() - begun) / 1000;
for (const client of clients) client[Symbol.dispose]();
report.firstBytes = layersBegun.sort((a, b) => a.asked - b.asked).map(({ after }) => after);
process.stdout.write(JSON.stringify(report));

async function phase(images: readonly Image[], seconds: number): Promise<void> {
  if (images.length === 0) return;
  const end = performance.now() + seconds * 1000;
  let next = 0;
  const shared = () => {
    const at = next++;
    return at < images.length || performance.now() < end ? images[at % images.length] : undefined;
  };
  await Promise.all(
    clients.map(async (client) => {
      if (job.kind === "crowd") for (const image of images) await pull(client, image);
      else for (let image = shared(); image !== undefined; image = shared()) await pull(client, image);
    }),
  );
}

async function pull(client: PullClient, image: Image): Promise<void> {
  const from = performance.now();
  let started = false;
  const start = () => {
    if (started) return;
    started = true;
    if (job.onlyFirstBytes === true && --waiting === 0) breakOff();
  };
  try {
    const bytes = await client.pull(image, (asked) => {
      layersBegun.push({ asked, after: performance.now() - asked });
      start();
    });
    report.bytes += bytes;
    report.pulls.push(performance.now() - from);
  } catch (error) {
    if (brokenOff) return;
    report.failed++;
    const text = error instanceof Error ? error.message : String(error);
    if (report.faults.length < faultsTold) report.faults.push(text);
    start();
  }
}

function breakOff(): void {
  brokenOff = true;
  for (const client of clients) client[Symbol.dispose]();
}
