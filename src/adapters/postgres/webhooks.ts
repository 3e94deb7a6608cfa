import type { BerthEvent } from "#core/event.ts";
import type { DeadLetter, Webhooks, WebhookState } from "#core/metadata/webhooks.ts";
import type { Database, Queries } from "./database.ts";

type WebhookRow = Omit<WebhookState, "fault"> & { fault: string | null };
type DeadLetterRow = Omit<DeadLetter, "events"> & { events: string };

const states =
  'SELECT name, told, delivered, failures, next_at AS "nextAt", fault, ' +
  '(SELECT count(*) FROM dead_letters WHERE webhook = name) AS "deadLetters" FROM webhooks';
const letters = 'SELECT id, webhook, events, died_at AS "diedAt", failures, fault FROM dead_letters';

/** Webhooks of the seam. */
export function postgresWebhooks(db: Database): Webhooks {
  const goOn = (on: Queries, name: string, told: number, count: number, now: number) =>
    on.change(
      "UPDATE webhooks SET told = greatest(told, $2), delivered = delivered + $3, failures = 0, next_at = 0, fault = NULL, " +
        "changed_at = $4 WHERE name = $1",
      [name, told, count, now],
    );
  return {
    states: async () => (await db.rows<WebhookRow>(`${states} ORDER BY name`)).map(stateOf),

    async begin(name, told, now) {
      await db.change(
        "INSERT INTO webhooks (name, told, delivered, failures, next_at, changed_at) " +
          "VALUES ($1, $2, 0, 0, 0, $3) ON CONFLICT DO NOTHING",
        [name, told, now],
      );
      const row = await db.row<WebhookRow>(`${states} WHERE name = $1`, [name]);
      if (row === undefined) throw new Error(`no row for webhook ${name}`);
      return stateOf(row);
    },

    delivered: async (name, told, count, now) => void (await goOn(db, name, told, count, now)),

    async failed(name, fault, nextAt, now) {
      await db.change(
        "UPDATE webhooks SET failures = failures + 1, fault = $2, next_at = $3, changed_at = $4 WHERE name = $1",
        [name, fault, nextAt, now],
      );
    },

    died: (name, events, told, fault, now) =>
      db.transaction(async (tx) => {
        await tx.change(
          "INSERT INTO dead_letters (webhook, events, died_at, failures, fault) " +
            "SELECT name, $2, $3, failures + 1, $4 FROM webhooks WHERE name = $1",
          [name, JSON.stringify(events), now, fault],
        );
        await goOn(tx, name, told, 0, now);
      }),

    async deadLetters(name, after, limit) {
      const rows =
        name === undefined
          ? await db.rows<DeadLetterRow>(`${letters} WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit])
          : await db.rows<DeadLetterRow>(`${letters} WHERE webhook = $1 AND id > $2 ORDER BY id LIMIT $3`, [
              name,
              after,
              limit,
            ]);
      return rows.map((row) => ({ ...row, events: JSON.parse(row.events) as BerthEvent[] }));
    },

    async stillDead(id, fault) {
      await db.change("UPDATE dead_letters SET failures = failures + 1, fault = $2 WHERE id = $1", [
        id,
        fault,
      ]);
    },

    buried: async (id) => (await db.change("DELETE FROM dead_letters WHERE id = $1", [id])) > 0,

    forget: (name) =>
      db.transaction(async (tx) => {
        await tx.change("DELETE FROM dead_letters WHERE webhook = $1", [name]);
        await tx.change("DELETE FROM webhooks WHERE name = $1", [name]);
      }),
  };
}

function stateOf(row: WebhookRow): WebhookState {
  return { ...row, fault: row.fault ?? undefined };
}
