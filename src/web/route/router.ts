import type { Place } from "./place.ts";

/** The history of the browser as places. */
export interface Router {
  place(): Place;
  /** @param replace instead of a new entry of the history: the way of filters */
  go(to: string, replace?: boolean): void;
  /** Whether somebody has moved since the page was loaded: only then focus follows. */
  moved(): boolean;
  /** @returns what ends it */
  listen(onMove: () => void): () => void;
}

export function createRouter(window: Window): Router {
  const listeners = new Set<() => void>();
  let moved = false;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  window.addEventListener("popstate", () => {
    moved = true;
    tell();
  });
  return {
    place: () => ({
      path: window.location.pathname,
      search: new URLSearchParams(window.location.search),
    }),
    go(to, replace = false) {
      if (replace) window.history.replaceState(null, "", to);
      else {
        moved = true;
        window.history.pushState(null, "", to);
        window.scrollTo(0, 0);
      }
      tell();
    },
    moved: () => moved,
    listen(onMove) {
      listeners.add(onMove);
      return () => listeners.delete(onMove);
    },
  };
}
