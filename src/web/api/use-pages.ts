import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Listed } from "#core/web/views.ts";
import { useBerth } from "../frame/berth-context.ts";
import { query } from "./api.ts";

export interface Pages<T, P extends Listed<T>> {
  items: T[];
  /** The newest page, for what stands beside the items. */
  page?: P;
  fault?: Error;
  loading: boolean;
  /** Asks for the page after the last one; undefined: that was all. */
  more?: () => void;
  reload(): void;
}

/** A list that comes page by page. @param parameters texts only: a change of one starts anew */
export function usePages<T, P extends Listed<T> = Listed<T>>(
  path: string,
  parameters: Record<string, string>,
): Pages<T, P> {
  const { api, session } = useBerth();
  const address = path + query(parameters);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ items: T[]; page?: P; fault?: Error; loading: boolean }>({
    items: [],
    loading: true,
  });
  const running = useRef(new AbortController());

  const ask = useCallback(
    (last: string | undefined) => {
      running.current.abort();
      const { signal } = (running.current = new AbortController());
      setState((before) => ({ ...before, loading: true }));
      const joint = address.includes("?") ? "&" : "?";
      const rest = last === undefined ? "" : `${joint}last=${encodeURIComponent(last)}`;
      api.get<P>(address + rest, signal).then(
        (page) =>
          setState(({ items }) => ({
            items: last === undefined ? page.items : [...items, ...page.items],
            page,
            loading: false,
          })),
        (fault: unknown) => {
          if (signal.aborted) return;
          setState(({ items }) => ({
            items: last === undefined ? [] : items,
            fault: fault as Error,
            loading: false,
          }));
        },
      );
    },
    [api, address, session.name],
  );
  useEffect(() => {
    ask(undefined);
    return () => running.current.abort();
  }, [ask, turn]);

  const next = state.page?.next;
  return {
    ...state,
    ...(next === undefined || state.loading ? {} : { more: () => ask(next) }),
    reload: useCallback(() => setTurn((before) => before + 1), []),
  };
}
