import type { BerthEvent } from "../event.ts";

/**
 * How far each webhook's target has been told, and what it didn't take. One sender at a time is the caller's business
 * (a lease). Implementations pass test/contract/metadata/webhooks.ts.
 */
export interface Webhooks {
  /** Of every webhook that ever was; by name. */
  states(): Promise<WebhookState[]>;
  /** Makes a state that begins after event `told`, unless there is one. */
  begin(name: string, told: number, now: number): Promise<WebhookState>;
  /** The events up to `told` were delivered (`count` of them) or aren't its business; failures are over. Never goes back. */
  delivered(name: string, told: number, count: number, now: number): Promise<void>;
  /** A try failed: the next is due at `nextAt`. */
  failed(name: string, fault: string, nextAt: number, now: number): Promise<void>;
  /** All tries failed: puts the events aside as one dead letter and goes on after `told`, in one transaction. */
  died(name: string, events: readonly BerthEvent[], told: number, fault: string, now: number): Promise<void>;
  /** Of one webhook or all; by id, after `after`. */
  deadLetters(name: string | undefined, after: number, limit: number): Promise<DeadLetter[]>;
  /** Tries of a dead letter failed again. */
  stillDead(id: number, fault: string): Promise<void>;
  /** It was delivered after all, or isn't wanted any more. False: there is none. */
  buried(id: number): Promise<boolean>;
  /** Forgets a webhook that isn't configured any more, with its dead letters. */
  forget(name: string): Promise<void>;
}

export interface WebhookState {
  name: string;
  /** Id of the last event that it had, or that isn't its business. */
  told: number;
  /** Events in all. */
  delivered: number;
  /** Tries of what is next that failed. */
  failures: number;
  /** When (ms) the next try is due; 0: at once. */
  nextAt: number;
  /** Why the last try failed; undefined: it didn't. */
  fault: string | undefined;
  deadLetters: number;
}

export interface DeadLetter {
  id: number;
  webhook: string;
  events: BerthEvent[];
  /** ms. */
  diedAt: number;
  failures: number;
  fault: string;
}
