import type { LogLine, LogQuery } from "#core/engine/output.ts";
import { type LogRecord, nanoseconds } from "./log-records.ts";

/** A longer line comes in parts, as docker's logs have it. */
const mostOfLine = 16 * 1024;

export interface LogLines {
  /** Undefined: nothing is whole yet, or it wasn't asked for. */
  take(record: LogRecord): LogLine | undefined;
  /** Lines that were begun, when nothing comes any more. */
  rest(): LogLine[];
  /** What comes from now on is later than what was asked for. */
  past(): boolean;
}

/** Puts records together to lines, stream by stream, and leaves out what wasn't asked for. @param skip lines left out at first */
export function createLogLines(
  { stdout, stderr, since, until }: Pick<LogQuery, "stdout" | "stderr" | "since" | "until">,
  skip: number,
): LogLines {
  const begun = new Map<LogRecord["stream"], { time: string; pieces: Buffer[]; bytes: number }>();
  let past = false;

  function wanted({ stream, time }: LogLine): boolean {
    if (stream === "stdout" ? !stdout : !stderr) return false;
    if (since === undefined && until === undefined) return true;
    const moment = nanoseconds(time);
    if (until !== undefined && moment > until) {
      past = true;
      return false;
    }
    return since === undefined || moment >= since;
  }

  return {
    take({ stream, time, full, data }) {
      let line: LogLine = { stream, time, data };
      const before = begun.get(stream);
      if (before !== undefined || !full) {
        const { pieces, ...first } = before ?? { time, pieces: [], bytes: 0 };
        // A copy: it may stay longer than the chunk it lies in.
        pieces.push(Buffer.from(data));
        const bytes = first.bytes + data.length;
        if (!full && bytes < mostOfLine) {
          begun.set(stream, { time: first.time, pieces, bytes });
          return undefined;
        }
        begun.delete(stream);
        line = { stream, time: first.time, data: Buffer.concat(pieces) };
      }
      if (skip > 0) {
        if (full) skip--;
        return undefined;
      }
      return wanted(line) ? line : undefined;
    },
    rest: () =>
      skip > 0
        ? []
        : [...begun]
            .map(([stream, { time, pieces }]) => ({ stream, time, data: Buffer.concat(pieces) }))
            .filter(wanted),
    past: () => past,
  };
}
