import type { Readable } from "node:stream";

/** conmon's news on a pipe: one JSON object a line. */
export interface SyncLine {
  /** A pid or an exit code; negative: it failed, see `message`. */
  data: number;
  message?: string;
}

/** A runtime that writes without end fills no memory. */
const most = 256 * 1024;

export interface SyncLines {
  /** The next line; undefined: the pipe's other end is gone. */
  next(): Promise<SyncLine | undefined>;
}

export function readSyncLines(pipe: Readable): SyncLines {
  const lines: SyncLine[] = [];
  let text = "";
  let over = false;
  let wake = () => {};
  pipe.setEncoding("utf8");
  pipe.on("data", (chunk: string) => {
    text = (text + chunk).slice(-most);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n")) {
      const line = parse(text.slice(0, at));
      if (line !== undefined) lines.push(line);
      text = text.slice(at + 1);
    }
    wake();
  });
  const end = () => {
    const line = parse(text);
    if (line !== undefined && !over) lines.push(line);
    over = true;
    wake();
  };
  pipe.once("end", end);
  pipe.once("close", end);
  pipe.once("error", end);
  return {
    async next() {
      while (lines.length === 0 && !over)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return lines.shift();
    },
  };
}

function parse(line: string): SyncLine | undefined {
  try {
    const value = JSON.parse(line) as SyncLine;
    return typeof value.data === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}
