/**
 * Begins the names of leases that backups hold: `backup/<uuid>`, from before their snapshot until its blobs are
 * copied. While any is held, nobody removes a blob's bytes that metadata ever named: garbage collection chooses
 * what to delete, then looks for these leases, and deletes nothing while there is one.
 */
export const backupLeases = "backup/";

/**
 * Begins the names of leases that readers hold who read a blob's bytes past the server: `reading/<location>`. The bytes
 * there aren't removed meanwhile. Taken before the location is looked up for the last time.
 */
export const readingLeases = "reading/";

/**
 * Begins the names of leases that imports hold: `import/<uuid>`. Blobs come long before the manifests that name them, so
 * garbage collection leaves blobs and manifests while any is held.
 */
export const importLeases = "import/";

/** Begins the names of leases of commands that go on while a server starts again. */
export const lastingLeases = [backupLeases, importLeases] as const;

/** Under which retention runs: one run at a time. */
export const retentionLease = "retention";

/** The lease under which garbage is collected: by a server, or by `berth gc`. */
export const gcLease = "gc";

/** Held by `berth scrub`: one at a time, and the server's own scrubbing rests meanwhile. */
export const scrubLease = "scrub";

/** The lease under which a snapshot of the metadata is put beside the blobs, and old ones are removed. */
export const snapshotLease = "snapshot";

/** Begins the name of the lease under which a mirror is brought up to date: `mirror/<its name>`. */
export const mirrorLeases = "mirror/";
