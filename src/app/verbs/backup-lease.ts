import { backupLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { holdLease, type HeldLease } from "./hold-lease.ts";

/** Holds a backup's lease until disposed. */
export function holdBackupLease(leases: Pick<Leases, "take" | "release">): Promise<HeldLease> {
  return holdLease(leases, backupLeases);
}
