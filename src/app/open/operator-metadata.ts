/**
 * All of the metadata for a verb of the command line, next to a running server or without one. SQLite: reads
 * on a connection of its own; changes go over the control socket to the one writer, or, where no server runs,
 * this process is the writer for as long as it has the folder's lock.
 */
import { createSqliteMetadata } from "#adapters/sqlite/metadata.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { snapshotBeforeUpgrade } from "../house/snapshots/before-upgrade.ts";
import { createOperationsLink } from "./operations-link.ts";
import { keptInPostgres, openMetadata } from "./open-metadata.ts";
import { reachFolder } from "./reach-folder.ts";
import { databasePath } from "./storage.ts";

export interface OperatorMetadata extends Metadata {
  /** Whether a server has the data folder meanwhile; undefined where metadata isn't in it, so nobody knows. */
  readonly served: boolean | undefined;
}

/**
 * For a command that has the folder's lock (or metadata in PostgreSQL): brought up to date, after a snapshot of how it
 * was. Throws unavailable, storage-failed.
 */
export async function openOwnMetadata(config: Config): Promise<Metadata> {
  const kept = keptInPostgres(config) ? undefined : await snapshotBeforeUpgrade(config);
  if (kept !== undefined && "without" in kept)
    throw new AppError(
      "unavailable",
      `${kept.without}. Start the server, which does it anyway, or try again`,
    );
  return await openMetadata(config);
}

/** Throws unavailable, storage-failed. Without a server the folder is this process's own until it is disposed. */
export async function openOperatorMetadata(config: Config): Promise<OperatorMetadata> {
  if (keptInPostgres(config)) return { ...(await openMetadata(config)), served: undefined };
  const { socket, lock } = await reachFolder(config);
  if (socket !== undefined) {
    const link = createOperationsLink(socket);
    const metadata = createSqliteMetadata({ path: databasePath(config), submit: link.submit });
    return {
      ...metadata,
      served: true,
      async [Symbol.asyncDispose]() {
        await metadata[Symbol.asyncDispose]();
        link[Symbol.dispose]();
      },
    };
  }
  try {
    const metadata = await openOwnMetadata(config);
    return {
      ...metadata,
      served: false,
      async [Symbol.asyncDispose]() {
        await metadata[Symbol.asyncDispose]();
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}
