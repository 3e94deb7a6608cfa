import type { BerthEvent } from "#core/event.ts";
import type { WebhookState } from "#core/metadata/webhooks.ts";
import type { Connection } from "../connection.ts";
import { webhookColumns, webhookState, type WebhookRow } from "../reads/read-webhooks.ts";

interface Progress {
  name: string;
  now: number;
}

/** Changes of how far webhooks' targets have been told, and of what they didn't take. */
export function webhookOperations(db: Connection) {
  const begin = db.prepare<[string, number, number]>(
    "INSERT INTO webhooks (name, told, delivered, failures, next_at, changed_at) VALUES (?, ?, 0, 0, 0, ?) " +
      "ON CONFLICT DO NOTHING",
  );
  const state = db.prepare<[string], WebhookRow>(`${webhookColumns} WHERE name = ?`);
  const goOn = db.prepare<[{ name: string; told: number; count: number; now: number }]>(
    "UPDATE webhooks SET told = max(told, :told), delivered = delivered + :count, failures = 0, next_at = 0, fault = NULL, " +
      "changed_at = :now WHERE name = :name",
  );
  const failed = db.prepare<[{ name: string; fault: string; nextAt: number; now: number }]>(
    "UPDATE webhooks SET failures = failures + 1, fault = :fault, next_at = :nextAt, changed_at = :now " +
      "WHERE name = :name",
  );
  const died = db.prepare<[{ name: string; events: string; fault: string; now: number }]>(
    "INSERT INTO dead_letters (webhook, events, died_at, failures, fault) " +
      "SELECT :name, :events, :now, failures + 1, :fault FROM webhooks WHERE name = :name",
  );
  const stillDead = db.prepare<[string, number]>(
    "UPDATE dead_letters SET failures = failures + 1, fault = ? WHERE id = ?",
  );
  const bury = db.prepare<[number]>("DELETE FROM dead_letters WHERE id = ?");
  const forgetLetters = db.prepare<[string]>("DELETE FROM dead_letters WHERE webhook = ?");
  const forget = db.prepare<[string]>("DELETE FROM webhooks WHERE name = ?");

  return {
    beginWebhook({ name, told, now }: Progress & { told: number }): WebhookState {
      begin.run(name, told, now);
      const row = state.get(name);
      if (row === undefined) throw new Error(`no row for webhook ${name}`);
      return webhookState(row);
    },
    webhookDelivered(progress: Progress & { told: number; count: number }): void {
      goOn.run(progress);
    },
    webhookFailed(failure: Progress & { fault: string; nextAt: number }): void {
      failed.run(failure);
    },
    webhookDied(death: Progress & { events: readonly BerthEvent[]; told: number; fault: string }): void {
      const { name, events, told, fault, now } = death;
      died.run({ name, events: JSON.stringify(events), fault, now });
      goOn.run({ name, told, count: 0, now });
    },
    deadLetterFailed({ id, fault }: { id: number; fault: string }): void {
      stillDead.run(fault, id);
    },
    buryDeadLetter: ({ id }: { id: number }): boolean => bury.run(id).changes > 0,
    forgetWebhook({ name }: { name: string }): void {
      forgetLetters.run(name);
      forget.run(name);
    },
  };
}

export type WebhookOperations = ReturnType<typeof webhookOperations>;
