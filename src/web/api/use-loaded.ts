import { useCallback, useEffect, useState } from "preact/hooks";
import { useBerth } from "../frame/berth-context.ts";

export interface Loaded<T> {
  /** What came last; stays while it is asked for again. */
  data?: T;
  fault?: Error;
  loading: boolean;
  /** Asks again. */
  reload(): void;
}

/** One GET, asked again when the path, the person or `reload` says so. @param path undefined: nothing to ask */
export function useLoaded<T>(path: string | undefined): Loaded<T> {
  const { api, session } = useBerth();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ path?: string; data?: T; fault?: Error; loading: boolean }>({
    loading: path !== undefined,
  });
  const person = session.name;
  useEffect(() => {
    if (path === undefined) return;
    const gone = new AbortController();
    setState((before) => (before.path === path ? { ...before, loading: true } : { path, loading: true }));
    api.get<T>(path, gone.signal).then(
      (data) => setState({ path, data, loading: false }),
      (fault: unknown) => {
        if (!gone.signal.aborted) setState({ path, fault: fault as Error, loading: false });
      },
    );
    return () => gone.abort();
  }, [api, path, person, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  // Of another path: not this one's.
  return state.path === path ? { ...state, reload } : { loading: path !== undefined, reload };
}
