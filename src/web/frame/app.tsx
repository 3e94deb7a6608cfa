import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { SessionView } from "#core/web/views.ts";
import type { Api } from "../api/api.ts";
import { FaultNote } from "../parts/fault-note.tsx";
import type { Router } from "../route/router.ts";
import { BerthContext, type Berth } from "./berth-context.ts";
import { Header } from "./header.tsx";
import { View } from "./view.tsx";

/** Asks who is there, then shows the frame and the view of the place. */
export function App({ api, router }: { api: Api; router: Router }) {
  const [session, setKnown] = useState<SessionView>();
  const [fault, setFault] = useState<Error>();
  const [place, setPlace] = useState(() => router.place());
  const [said, say] = useState("");
  const now = useNow();

  const setSession = useCallback(
    (next: SessionView) => {
      // Sessions end by themselves; then the page says so by offering to sign in.
      const askAgain = () => void api.get<SessionView>("/session").then(setSession, () => undefined);
      api.use(next, next.name === undefined ? undefined : askAgain);
      setKnown(next);
      setFault(undefined);
    },
    [api],
  );
  const ask = useCallback(() => {
    api.get<SessionView>("/session").then(setSession, (error: unknown) => setFault(error as Error));
  }, [api, setSession]);
  useEffect(ask, [ask]);
  useEffect(() => router.listen(() => setPlace(router.place())), [router]);
  useEffect(() => {
    if (said === "") return;
    const late = setTimeout(() => say(""), 8_000);
    return () => clearTimeout(late);
  }, [said]);

  const berth = useMemo<Berth | undefined>(
    () => session && { api, router, place, session, setSession, say, now },
    [api, router, place, session, setSession, now],
  );
  if (!berth) {
    return (
      <main class="alone">
        <h1>Berth</h1>
        {fault ? <FaultNote fault={fault} retry={ask} /> : <p class="muted">Loading…</p>}
      </main>
    );
  }
  return (
    <BerthContext.Provider value={berth}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <View />
      </main>
      <p class="said" role="status" aria-live="polite" data-empty={said === "" ? "" : undefined}>
        {said}
      </p>
    </BerthContext.Provider>
  );
}

/** The clock of relative times. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticks = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(ticks);
  }, []);
  return now;
}
