import type { Webhooks } from "#core/metadata/webhooks.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { webhookReads } from "./reads/read-webhooks.ts";

/** Webhooks of the seam: reads here, mutations as data. */
export function sqliteWebhooks(db: Connection, read: Read, mutate: Mutate): Webhooks {
  const reads = webhookReads(db);
  return {
    states: () => read(() => reads.states()),
    begin: (name, told, now) => mutate("beginWebhook", { name, told, now }),
    delivered: (name, told, count, now) => mutate("webhookDelivered", { name, told, count, now }),
    failed: (name, fault, nextAt, now) => mutate("webhookFailed", { name, fault, nextAt, now }),
    died: (name, events, told, fault, now) => mutate("webhookDied", { name, events, told, fault, now }),
    deadLetters: (name, after, limit) => read(() => reads.deadLetters(name, after, limit)),
    stillDead: (id, fault) => mutate("deadLetterFailed", { id, fault }),
    buried: (id) => mutate("buryDeadLetter", { id }),
    forget: (name) => mutate("forgetWebhook", { name }),
  };
}
