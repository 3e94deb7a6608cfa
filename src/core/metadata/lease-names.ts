/**
 * Begins the names of leases that backups hold: `backup/<uuid>`, from before their snapshot until its blobs are
 * copied. While any is held, nobody removes a blob's bytes that metadata ever named: garbage collection chooses
 * what to delete, then looks for these leases, and deletes nothing while there is one.
 */
export const backupLeases = "backup/";

/** Begins the name of the lease under which a mirror is brought up to date: `mirror/<its name>`. */
export const mirrorLeases = "mirror/";
