/**
 * One line at the foot of a terminal that shows how far a long verb is: what of what, how fast, how long yet.
 * Without a terminal only the notes are written: a log has no use for the rest.
 */
import type { Io } from "../io.ts";
import { sizeText } from "./size-text.ts";

export interface Progress extends Disposable {
  /** How much it will be, as soon as that is known; may be corrected. Without it there is no bar and no end in sight. */
  expect(total: Amount): void;
  /** Bytes that are done, as they go; counted into the rate. */
  add(bytes: number): void;
  /** Things that are done, one without a number. */
  done(items?: number): void;
  /** A line of its own on stderr, above the bar. */
  note(line: string): void;
  /** Removes the bar, so that other output can follow. Also what `using` does. */
  end(): void;
}

export interface Amount {
  /** Things: blobs, repositories … */
  items: number;
  bytes: number;
}

export interface ProgressParts {
  io: Pick<Io, "stderr" | "env">;
  /** What is going on: `Copying`. */
  label: string;
  /** What is counted: `blobs`. */
  unit: string;
  total?: Amount;
  /** Milliseconds that only grow; for tests. */
  now?: () => number;
}

/** At most ten a second. */
const redrawEvery = 100;
const barWidth = 20;
/** The rate is that of about so many ms before now. */
const rateOver = 10_000;

/** Shows itself at once; whoever made it ends it. */
export function createProgress(parts: ProgressParts): Progress {
  const { io, label, unit, now = () => performance.now() } = parts;
  const shown = io.stderr.isTTY === true && io.env["TERM"] !== "dumb";
  const done = { items: 0, bytes: 0 };
  const marks = [{ at: now(), bytes: 0 }];
  let total = parts.total;
  let drawn = "";

  function text(): string {
    const time = now();
    while (marks.length > 2 && time - (marks[1]?.at ?? 0) > rateOver) marks.shift();
    if (time - (marks.at(-1)?.at ?? 0) >= 1000) marks.push({ at: time, bytes: done.bytes });
    const since = marks[0] ?? { at: time, bytes: 0 };
    const rate = time > since.at ? ((done.bytes - since.bytes) / (time - since.at)) * 1000 : 0;
    return progressText({ label, unit, done, total, rate });
  }

  function draw() {
    if (!shown) return;
    const line = text().slice(0, Math.max(20, (io.stderr.columns ?? 80) - 1));
    if (line === drawn) return;
    drawn = line;
    io.stderr.write(`\r${line}\u001b[K`);
  }

  function clear() {
    if (drawn !== "") io.stderr.write("\r\u001b[K");
    drawn = "";
  }

  const timer = shown ? setInterval(draw, redrawEvery).unref() : undefined;
  draw();
  const end = () => {
    clearInterval(timer);
    clear();
  };
  return {
    expect: (amount) => (total = amount),
    add: (bytes) => (done.bytes += bytes),
    done: (items = 1) => (done.items += items),
    note(line) {
      clear();
      io.stderr.write(`${line}\n`);
      draw();
    },
    end,
    [Symbol.dispose]: end,
  };
}

export interface ProgressState {
  label: string;
  unit: string;
  done: Amount;
  total: Amount | undefined;
  /** Bytes a second. */
  rate: number;
}

/** `Copying [########------------] 40%  12/30 blobs  1.2 GiB of 3.0 GiB  88 MiB/s  21 s left`. */
export function progressText({ label, unit, done, total, rate }: ProgressState): string {
  const speed = `${sizeText(rate)}/s`;
  if (total === undefined) return [label, `${done.items} ${unit}`, sizeText(done.bytes), speed].join("  ");
  const part = total.bytes > 0 ? done.bytes / total.bytes : total.items > 0 ? done.items / total.items : 1;
  const share = Math.min(1, part);
  const full = Math.floor(share * barWidth);
  const bar = `${label} [${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${Math.floor(share * 100)}%`;
  const left = Math.max(0, total.bytes - done.bytes);
  const sizes = `${sizeText(done.bytes)} of ${sizeText(total.bytes)}`;
  const time = rate > 0 ? [`${timeText(left / rate)} left`] : [];
  return [bar, `${done.items}/${total.items} ${unit}`, sizes, speed, ...time].join("  ");
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return "days";
}
