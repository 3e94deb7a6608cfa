import type { Outbox } from "#core/metadata/outbox.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { outboxReads } from "./reads/read-outbox.ts";

/** The outbox of the seam: reads here, mutations as data. */
export function sqliteOutbox(db: Connection, read: Read, mutate: Mutate): Outbox {
  const events = outboxReads(db);
  return {
    append: async (added) => {
      if (added.length > 0) await mutate("appendEvents", { events: added });
    },
    list: (after, limit) => read(() => events.list(after, limit)),
    latest: (limit) => read(() => events.latest(limit)),
    newest: () => read(() => events.newest()),
    drop: (before, upTo, limit) => mutate("dropEvents", { before, upTo, limit }),
  };
}
