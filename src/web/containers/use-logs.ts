import { useEffect, useState } from "preact/hooks";

export interface LogLine {
  id: number;
  text: string;
}

interface LogState {
  lines: LogLine[];
  state: "lost" | "live" | "ended";
}

/** As many lines are kept as anybody reads; older ones go. */
const most = 2_000;

/** The logs of a container as an event stream. */
export function useLogs(container: string): LogState {
  const [logs, setLogs] = useState<LogState>({ lines: [], state: "lost" });
  useEffect(() => {
    const stream = new EventSource(`/api/v1/containers/${encodeURIComponent(container)}/logs`);
    let next = 0;
    let waiting: LogLine[] = [];
    let frame = 0;
    const flush = () => {
      frame = 0;
      const came = waiting;
      waiting = [];
      setLogs(({ lines, state }) => ({ lines: [...lines, ...came].slice(-most), state }));
    };
    // A stream that was lost begins anew, with what was shown already.
    stream.onopen = () => setLogs({ lines: [], state: "live" });
    stream.onerror = () => setLogs((before) => ({ ...before, state: "lost" }));
    stream.onmessage = ({ data }) => {
      waiting.push({ id: next, text: JSON.parse(String(data)) as string });
      next += 1;
      // One drawing for however many come between two pictures.
      if (frame === 0) frame = requestAnimationFrame(flush);
    };
    stream.addEventListener("end", () => {
      stream.close();
      setLogs((before) => ({ ...before, state: "ended" }));
    });
    return () => {
      cancelAnimationFrame(frame);
      stream.close();
    };
  }, [container]);
  return logs;
}
