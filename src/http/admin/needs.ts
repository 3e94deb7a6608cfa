import type { Context } from "#http/edge/context.ts";

/** What the admin door calls. */
export interface AdminNeeds {
  /** Resolves when the registry can take writes; rejects with the reason. */
  ready(): Promise<void>;
  /** What doesn't keep the registry from serving, but isn't as it should be; a line each. */
  warnings(): readonly string[];
  /** The metrics of all processes in Prometheus' text format. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Throws unauthenticated (with the challenge set) or denied for whoever may not read the metrics here. */
  mayReadMetrics(ctx: Context): Promise<void>;
}
