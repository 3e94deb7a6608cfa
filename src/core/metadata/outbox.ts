import type { BerthEvent, NewEvent } from "../event.ts";

/**
 * The outbox: events in their order. Changes of content write theirs in their own transaction; everybody else appends.
 * Implementations pass test/contract/metadata/outbox.ts.
 */
export interface Outbox {
  /** Adds what isn't written with a change (pulls, containers), in one transaction. */
  append(events: readonly NewEvent[]): Promise<void>;
  /** Events after the id `after`, ascending, at most `limit`. One with a smaller id never appears later. */
  list(after: number, limit: number): Promise<BerthEvent[]>;
  /** The newest `limit`, newest first. */
  latest(limit: number): Promise<BerthEvent[]>;
  /** Id of the newest event that `list` would give; 0: there was never one. */
  newest(): Promise<number>;
  /** Drops up to `limit` events from before `before` (ms) with ids up to `upTo`. @returns how many went */
  drop(before: number, upTo: number, limit: number): Promise<number>;
}
