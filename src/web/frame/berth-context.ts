import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { SessionView } from "#core/web/views.ts";
import type { Api } from "../api/api.ts";
import type { Place } from "../route/place.ts";
import type { Router } from "../route/router.ts";

/** What every view stands on. */
export interface Berth {
  api: Api;
  router: Router;
  place: Place;
  session: SessionView;
  /** Somebody came or went. */
  setSession(session: SessionView): void;
  /** Says a sentence to eyes and screen readers; the next one replaces it. */
  say(words: string): void;
  /** ms since the epoch, moving on twice a minute. */
  now: number;
}

export const BerthContext = createContext<Berth | undefined>(undefined);

export function useBerth(): Berth {
  const berth = useContext(BerthContext);
  if (!berth) throw new Error("a view stands outside of the frame");
  return berth;
}
