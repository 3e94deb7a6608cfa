import type { EngineEvent, EngineEvents } from "#core/engine/event.ts";

export interface EventQuery {
  /** ns since 1970; undefined: only what happens from now on. */
  since: bigint | undefined;
  until: bigint | undefined;
}

export interface EventLog extends EngineEvents {
  /** Past events, then new ones as they happen, until `until` has passed or `signal`. Listening begins with the call. */
  follow(query: EventQuery, signal: AbortSignal): AsyncIterable<EngineEvent>;
}

/** So many past events can be asked for, as in docker. */
const remembered = 256;
/** A follower that lets so many wait is cut off: it would only grow. */
const mostWaiting = 10_000;

/** What happened in the engine, in memory. @param clock ns since 1970. @param also told of everything, too */
export function createEventLog(clock: () => bigint, also?: EngineEvents): EventLog {
  const past: EngineEvent[] = [];
  const followers = new Set<(event: EngineEvent) => void>();
  let last = 0n;
  return {
    emit(event) {
      // Times tell the order, too.
      const now = clock();
      last = now > last ? now : last + 1n;
      const timed = { ...event, time: last };
      past.push(timed);
      if (past.length > remembered) past.shift();
      for (const tell of followers) tell(timed);
      also?.emit(event);
    },
    follow({ since, until }, signal) {
      const waiting = since === undefined ? [] : past.filter(({ time }) => time >= since);
      let over = false;
      let wake: (() => void) | undefined;
      const stir = () => {
        wake?.();
        wake = undefined;
      };
      const tell = (event: EngineEvent) => {
        waiting.push(event);
        if (waiting.length > mostWaiting) end();
        stir();
      };
      const end = () => {
        over = true;
        followers.delete(tell);
        clearTimeout(timer);
        stir();
      };
      const left = until === undefined ? undefined : Number((until - clock()) / 1_000_000n);
      const timer =
        left === undefined || left <= 0 ? undefined : setTimeout(end, Math.min(left, 2 ** 31 - 1));
      if (left !== undefined && left <= 0) over = true;
      else followers.add(tell);
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
      return (async function* () {
        try {
          for (;;) {
            const event = waiting.shift();
            if (event !== undefined) {
              if (until !== undefined && event.time > until) return;
              yield event;
            } else if (over) return;
            else await new Promise<void>((resolve) => (wake = resolve));
          }
        } finally {
          signal.removeEventListener("abort", end);
          end();
        }
      })();
    },
  };
}
