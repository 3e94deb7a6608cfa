import { lastingLeases } from "#core/metadata/lease-names.ts";
import type { Lease } from "#core/metadata/leases.ts";
import type { Connection } from "../connection.ts";

export interface TakeLease {
  name: string;
  holder: string;
  ttl: number;
}

/** Leases by the writer's clock; those of an earlier writer are over (see `endLeases`). */
export function leaseOperations(db: Connection) {
  const find = db.prepare<[string, number], { holder: string; fence: number }>(
    "SELECT holder, fence FROM leases WHERE name = ? AND until > ?",
  );
  const next = db.prepare<[], number>("SELECT coalesce(max(fence), 0) + 1 FROM leases").pluck();
  const put = db.prepare<[string, string, number, number]>(
    "INSERT OR REPLACE INTO leases (name, holder, until, fence) VALUES (?, ?, ?, ?)",
  );
  const forget = db.prepare<[number, number]>("DELETE FROM leases WHERE until <= ? AND fence < ?");
  const prolong = db.prepare<[{ until: number; name: string; holder: string; fence: number; now: number }]>(
    "UPDATE leases SET until = :until " +
      "WHERE name = :name AND holder = :holder AND fence = :fence AND until > :now",
  );
  const end = db.prepare<[string, string, number]>(
    "UPDATE leases SET until = 0 WHERE name = ? AND holder = ? AND fence = ?",
  );

  return {
    takeLease({ name, holder, ttl }: TakeLease): Lease | undefined {
      const now = Date.now();
      const held = find.get(name, now);
      if (held !== undefined && held.holder !== holder) return undefined;
      const fence = held?.fence ?? next.get() ?? 1;
      put.run(name, holder, now + ttl, fence);
      if (held === undefined) forget.run(now, fence);
      return { name, holder, fence };
    },

    renewLease({ lease: { name, holder, fence }, ttl }: { lease: Lease; ttl: number }): boolean {
      const now = Date.now();
      return prolong.run({ until: now + ttl, name, holder, fence, now }).changes > 0;
    },

    releaseLease({ name, holder, fence }: Lease): void {
      end.run(name, holder, fence);
    },
  };
}

export type LeaseOperations = ReturnType<typeof leaseOperations>;

/**
 * For a writer that begins: it is alone, so whoever held a lease is gone; but for commands of their own, which go on
 * while the server starts again.
 */
export function endLeases(db: Connection): void {
  const others = lastingLeases.map((begins) => `AND substr(name, 1, ${begins.length}) <> ?`).join(" ");
  db.prepare(`UPDATE leases SET until = 0 WHERE until > 0 ${others}`).run(...lastingLeases);
}
