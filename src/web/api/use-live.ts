import { useEffect, useState } from "preact/hooks";
import type { ActivityView } from "#core/web/views.ts";

export interface LiveActivity {
  activity?: ActivityView;
  /** Whether the stream is open; the browser opens a lost one again by itself. */
  connected: boolean;
}

/** What goes on, as it goes on (GET /api/v1/live). */
export function useLive(): LiveActivity {
  const [live, setLive] = useState<LiveActivity>({ connected: false });
  useEffect(() => {
    const stream = new EventSource("/api/v1/live");
    stream.onopen = () => setLive((before) => ({ ...before, connected: true }));
    stream.onerror = () => setLive((before) => ({ ...before, connected: false }));
    stream.onmessage = ({ data }) =>
      setLive({ activity: JSON.parse(String(data)) as ActivityView, connected: true });
    return () => stream.close();
  }, []);
  return live;
}
