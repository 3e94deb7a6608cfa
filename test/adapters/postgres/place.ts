import { openPostgresMetadata } from "#adapters/postgres/open.ts";
import type { Metadata } from "#core/metadata/metadata.ts";

/** The project's migrations. */
export const migrations = new URL("../../../migrations/postgres/", import.meta.url);

/** The store on a database, as one process of a server has it. */
export function openOn(database: { url: string }, pool = 5): Promise<Metadata> {
  return openPostgresMetadata({ url: database.url, pool, migrationsDir: migrations });
}
