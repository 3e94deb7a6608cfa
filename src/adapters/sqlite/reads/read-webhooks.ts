import type { BerthEvent } from "#core/event.ts";
import type { DeadLetter, WebhookState } from "#core/metadata/webhooks.ts";
import type { Connection } from "../connection.ts";

export type WebhookRow = Omit<WebhookState, "fault"> & { fault: string | null };
type DeadLetterRow = Omit<DeadLetter, "events"> & { events: string };

export const webhookColumns =
  "SELECT name, told, delivered, failures, next_at AS nextAt, fault, " +
  "(SELECT count(*) FROM dead_letters WHERE webhook = name) AS deadLetters FROM webhooks";

/** Reads of webhooks. */
export function webhookReads(db: Connection) {
  const states = db.prepare<[], WebhookRow>(`${webhookColumns} ORDER BY name`);
  const letters = "SELECT id, webhook, events, died_at AS diedAt, failures, fault FROM dead_letters";
  const ofAll = db.prepare<[number, number], DeadLetterRow>(`${letters} WHERE id > ? ORDER BY id LIMIT ?`);
  const ofOne = db.prepare<[string, number, number], DeadLetterRow>(
    `${letters} WHERE webhook = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  return {
    states: () => states.all().map(webhookState),
    deadLetters(name: string | undefined, after: number, limit: number): DeadLetter[] {
      const rows = name === undefined ? ofAll.all(after, limit) : ofOne.all(name, after, limit);
      return rows.map((row) => ({ ...row, events: JSON.parse(row.events) as BerthEvent[] }));
    },
  };
}

export function webhookState(row: WebhookRow): WebhookState {
  return { ...row, fault: row.fault ?? undefined };
}
