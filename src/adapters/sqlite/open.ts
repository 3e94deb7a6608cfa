import type { Metadata } from "#core/metadata/metadata.ts";
import { groupCommit } from "./group-commit.ts";
import { createSqliteMetadata } from "./metadata.ts";
import { openSqliteWriter } from "./writer.ts";

export interface OpenSqliteMetadata {
  path: string;
  migrationsDir: string | URL;
}

/**
 * Metadata with its writer in this process. Disposing applies what waits and closes both connections.
 * Errors: storage-failed, see openSqliteWriter.
 */
export async function openSqliteMetadata({ path, migrationsDir }: OpenSqliteMetadata): Promise<Metadata> {
  const writer = openSqliteWriter({ path, migrations: migrationsDir });
  try {
    const commits = groupCommit(writer);
    const metadata = createSqliteMetadata({ path, submit: commits.submit });
    return {
      ...metadata,
      async [Symbol.asyncDispose]() {
        commits[Symbol.dispose]();
        await metadata[Symbol.asyncDispose]();
        // Last, because the last connection to close folds the log into the database.
        writer[Symbol.dispose]();
      },
    };
  } catch (error) {
    writer[Symbol.dispose]();
    throw error;
  }
}
