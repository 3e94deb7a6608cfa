// A link between here and an upstream, as a program of its own: it delays bytes, and lets so many a second through.
import { connect, createServer, type Socket } from "node:net";
import type { LinkJob } from "./servers/link-job.ts";

/** Bytes under way on one connection, at most. */
const window = 8 * 1024 * 1024;

const job = JSON.parse(process.argv[2] ?? "{}") as LinkJob;
/** When the link has let through what came so far; all connections share it. */
let free = 0;

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = connect({ host: "127.0.0.1", port: job.target, noDelay: true, allowHalfOpen: true });
  carry(client, upstream, Number.POSITIVE_INFINITY);
  carry(upstream, client, job.bytesPerSecond);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", (broken) => broken && other.destroy());
  }
});
server.listen(job.port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));

function carry(from: Socket, to: Socket, bytesPerSecond: number): void {
  const queue: { bytes: Buffer | undefined; due: number }[] = [];
  let queued = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = () => {
    timer = undefined;
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const wait = first.due - performance.now();
      if (wait > 0.5) {
        timer = setTimeout(deliver, wait);
        return;
      }
      queue.shift();
      if (first.bytes === undefined) return void to.end();
      queued -= first.bytes.length;
      if (!to.destroyed) to.write(first.bytes);
    }
    resumeWhenEmptied();
  };
  const resumeWhenEmptied = () => {
    if (from.isPaused() && queued + to.writableLength < window) from.resume();
  };
  const add = (bytes: Buffer | undefined) => {
    const now = performance.now();
    let due = now + job.delay;
    if (bytes !== undefined && Number.isFinite(bytesPerSecond)) {
      free = Math.max(free, now) + (bytes.length / bytesPerSecond) * 1000;
      due = free + job.delay;
    }
    queue.push({ bytes, due });
    queued += bytes?.length ?? 0;
    if (queued + to.writableLength >= window) from.pause();
    timer ??= setTimeout(deliver, Math.max(0, due - now));
  };
  from.on("data", add);
  from.on("end", () => add(undefined));
  to.on("drain", resumeWhenEmptied);
}
