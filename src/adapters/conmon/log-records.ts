/**
 * conmon's k8s-file format: `TIME STREAM F text\n`, `P` where the text has no newline after it (yet). A record holds at
 * most what conmon read at once, 8 kB.
 */
export interface LogRecord {
  time: string;
  stream: "stdout" | "stderr";
  full: boolean;
  /** With the newline of a full one. */
  data: Buffer;
}

/** What has no newline for so long is no log of conmon's. */
const mostPending = 256 * 1024;
const newline = 10;

const space = 32;
const letter = { o: 111, e: 101, F: 70, P: 80 } as const;

/** The record between two places in `bytes`, its newline at `end`. Undefined: it is broken. */
export function parseRecord(bytes: Buffer, start: number, end: number): LogRecord | undefined {
  // `TIME stdout F text`: after the time everything has its place.
  const afterTime = bytes.indexOf(space, start);
  const tag = bytes[afterTime + 8];
  const which = bytes[afterTime + 4];
  const text = afterTime + 10;
  if (
    afterTime < start + 20 ||
    text > end ||
    bytes[afterTime + 7] !== space ||
    bytes[afterTime + 9] !== space ||
    (tag !== letter.F && tag !== letter.P) ||
    (which !== letter.o && which !== letter.e)
  )
    return undefined;
  const full = tag === letter.F;
  return {
    time: inUtc(bytes.toString("latin1", start, afterTime)),
    stream: which === letter.o ? "stdout" : "stderr",
    full,
    data: bytes.subarray(text, full ? end + 1 : end),
  };
}

/** Cuts chunks of a file into records; a broken one is left out. */
export function createRecordReader(): (chunk: Buffer) => LogRecord[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const records: LogRecord[] = [];
    let at = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
      const record = parseRecord(bytes, at, end);
      if (record !== undefined) records.push(record);
      at = end + 1;
    }
    pending = bytes.length - at > mostPending ? Buffer.alloc(0) : bytes.subarray(at);
    return records;
  };
}

/** ns since 1970 of `2026-11-20T23:56:57.961492767Z`; 0 for what a full disk has left of one. */
export function nanoseconds(time: string): bigint {
  const seconds = BigInt(Date.parse(`${time.slice(0, 19)}Z`) || 0) * 1_000_000n;
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? "";
  return seconds + BigInt(fraction.padEnd(9, "0"));
}

/** conmon writes local time with its offset; it is started with UTC. */
function inUtc(time: string): string {
  if (time.endsWith("+00:00")) return `${time.slice(0, -6)}Z`;
  const [, clock = "", fraction = "", offset = ""] = /^(.{19})(\.\d+)?(.*)$/.exec(time) ?? [];
  const moment = Date.parse(clock + offset);
  return Number.isNaN(moment) ? time : `${new Date(moment).toISOString().slice(0, 19)}${fraction}Z`;
}
