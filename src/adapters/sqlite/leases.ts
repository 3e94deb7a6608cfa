import type { Leases } from "#core/metadata/leases.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";

/** Leases of the seam: who holds what is read here, all else is the writer's. */
export function sqliteLeases(db: Connection, read: Read, mutate: Mutate): Leases {
  const held = db
    .prepare<[{ prefix: string; now: number }], string>(
      "SELECT name FROM leases WHERE substr(name, 1, length(:prefix)) = :prefix AND until > :now ORDER BY name",
    )
    .pluck();
  return {
    take: (name, holder, ttl) => mutate("takeLease", { name, holder, ttl }),
    renew: ({ name, holder, fence }, ttl) => mutate("renewLease", { lease: { name, holder, fence }, ttl }),
    release: ({ name, holder, fence }) => mutate("releaseLease", { name, holder, fence }),
    held: (prefix) => read(() => held.all({ prefix, now: Date.now() })),
  };
}
