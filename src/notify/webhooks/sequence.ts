import type { Clock } from "#core/clock.ts";
import type { BerthEvent } from "#core/event.ts";
import type { Outbox } from "#core/metadata/outbox.ts";
import type { Webhooks } from "#core/metadata/webhooks.ts";
import { backOff } from "./back-off.ts";

/** What became of a try. */
export type Delivery = { taken: true } | { taken: false; fault: string; retryAfter: number | undefined };

export interface SequenceParts {
  /** The webhook's. */
  name: string;
  wants(event: BerthEvent): boolean;
  /** Events of one try at most. */
  batch: number;
  /** Failed tries of the same after which it is put aside. */
  tries: number;
  outbox: Pick<Outbox, "list" | "newest">;
  webhooks: Pick<Webhooks, "begin" | "delivered" | "failed" | "died">;
  clock: Clock;
  /** Whether it is this server's turn to send. */
  mine(): boolean;
  /** Never rejects but for the signal. */
  deliver(events: readonly BerthEvent[], signal: AbortSignal): Promise<Delivery>;
  /** Resolves when there may be events after this id, or somewhat later, or with the signal. Never rejects. */
  news(after: number, signal: AbortSignal): Promise<void>;
  /** Resolves after so many ms, or with the signal. Never rejects. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  tell: {
    /** The first of several tries that fail. */
    failing(fault: string): void;
    recovered(): void;
    died(events: number, fault: string): void;
    /** Metadata couldn't be read or written. Once for several in a row. */
    broken(error: unknown): void;
  };
}

interface Progress {
  told: number;
  failures: number;
  nextAt: number;
  /** What metadata has. */
  saved: number;
  savedAt: number;
}

/** Events read at a time. */
const page = 500;
/** How far it is when nothing was its business is written so often at most, ms. */
const saveEvery = 60_000;
/** ms */
const look = 1_000;
/** No pause that was asked for is longer, ms. */
const longestPause = 3_600_000;

/**
 * Tells one target of the events that are its business, in their order, until the signal: what comes next goes when what
 * was before it was taken, or was put aside after all tries. How far it came is written after each, so an event is told
 * at least once. Memory: one page of events.
 * @param impatient doesn't wait for what an earlier failure asked to be waited for: the webhook was configured anew
 */
export async function tellInSequence(
  parts: SequenceParts,
  impatient: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { name, outbox, webhooks, clock, mine, tell } = parts;
  let progress: Progress | undefined;
  let hurried = impatient;
  let broken = false;

  async function begin(): Promise<Progress> {
    const state = await webhooks.begin(name, await outbox.newest(), clock());
    const { told, failures } = state;
    const nextAt = hurried ? 0 : state.nextAt;
    hurried = false;
    return { told, failures, nextAt, saved: told, savedAt: clock() };
  }

  /** What goes next, and up to which event that is all. */
  async function choose(from: number): Promise<{ events: BerthEvent[]; upTo: number }> {
    const events: BerthEvent[] = [];
    let upTo = from;
    while (!signal.aborted) {
      const found = await outbox.list(upTo, page);
      for (const event of found) {
        if (parts.wants(event)) {
          if (events.length === parts.batch) return { events, upTo };
          events.push(event);
        }
        upTo = event.id;
      }
      if (found.length < page) break;
    }
    return { events, upTo };
  }

  /** Until they were taken or put aside. False: somebody else's turn, or over. */
  async function see(at: Progress, events: BerthEvent[], upTo: number): Promise<boolean> {
    for (;;) {
      // A clock that was set back must not make it wait for days.
      await parts.pause(Math.min(at.nextAt - clock(), longestPause), signal);
      if (signal.aborted || !mine()) return false;
      const delivery = await parts.deliver(events, signal);
      if (!mine() || (signal.aborted && !delivery.taken)) return false;
      if (delivery.taken) {
        await webhooks.delivered(name, upTo, events.length, clock());
        if (at.failures > 0) tell.recovered();
        return true;
      }
      at.failures++;
      if (at.failures >= parts.tries) {
        await webhooks.died(name, events, upTo, delivery.fault, clock());
        tell.died(events.length, delivery.fault);
        return true;
      }
      at.nextAt = Math.ceil(clock() + backOff(at.failures, delivery.retryAfter, Math.random()));
      await webhooks.failed(name, delivery.fault, at.nextAt, clock());
      if (at.failures === 1) tell.failing(delivery.fault);
    }
  }

  async function save(at: Progress): Promise<void> {
    if (at.told === at.saved) return;
    await webhooks.delivered(name, at.told, 0, clock());
    at.saved = at.told;
    at.savedAt = clock();
  }

  async function step(at: Progress): Promise<void> {
    const { events, upTo } = await choose(at.told);
    if (events.length > 0) {
      if (!(await see(at, events, upTo))) {
        progress = undefined;
        return;
      }
      progress = { told: upTo, failures: 0, nextAt: 0, saved: upTo, savedAt: clock() };
      return;
    }
    at.told = upTo;
    if (clock() - at.savedAt >= saveEvery) await save(at);
    await parts.news(at.told, signal);
  }

  while (!signal.aborted) {
    if (!mine()) {
      progress = undefined;
      await parts.pause(look, signal);
      continue;
    }
    try {
      progress ??= await begin();
      await step(progress);
      broken = false;
    } catch (error) {
      progress = undefined;
      // What was under way was given up: the next server tells it.
      if (signal.aborted) return;
      if (!broken) tell.broken(error);
      broken = true;
      await parts.pause(look, signal);
    }
  }
  // Else they would only be looked at again.
  if (progress !== undefined && progress.failures === 0 && mine())
    await save(progress).catch(() => undefined);
}
