import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { housekeepingReads } from "./reads/read-housekeeping.ts";

/** Rows of one transaction. */
const atOnce = 200;

/** Housekeeping of the seam: reads here, mutations as data. */
export function sqliteHousekeeping(db: Connection, read: Read, mutate: Mutate): Housekeeping {
  const reads = housekeepingReads(db);
  return {
    tell: (run) => mutate("tellRun", { run }),
    runs: () => read(() => reads.runs()),
    async found(damage) {
      for (let i = 0; i < damage.length; i += atOnce)
        await mutate("foundDamage", { damage: damage.slice(i, i + atOnce) });
    },
    async repaired(damage) {
      for (let i = 0; i < damage.length; i += atOnce)
        await mutate("repairedDamage", { damage: damage.slice(i, i + atOnce) });
    },
    damage: (limit) => read(() => reads.damage(limit)),
  };
}
