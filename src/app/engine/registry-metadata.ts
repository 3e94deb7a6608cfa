/**
 * The registry's metadata beside a server that may start, stop and be replaced meanwhile. SQLite: a connection for reading,
 * closed when nobody needed it for a moment, and opened anew where the database is another file by now (a restored one);
 * changes go over the control socket to the server's writer. PostgreSQL: connections of its own.
 */
import { stat } from "node:fs/promises";
import { createSqliteMetadata } from "#adapters/sqlite/metadata.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { controlPath } from "../control/control.ts";
import { createOperationsLink } from "../open/operations-link.ts";
import { keptInPostgres, openMetadataAsItIs } from "../open/open-metadata.ts";
import { hasReadable, databasePath } from "../open/storage.ts";

export interface RegistryMetadata extends AsyncDisposable {
  exists(): Promise<boolean>;
  /** Undefined: there is no database. Throws storage-failed where it can't be read. Changes throw unavailable without a server. */
  use<T>(work: (metadata: Metadata) => Promise<T>): Promise<T | undefined>;
}

interface Opened {
  metadata: Metadata;
  /** Which file it is. */
  file: string;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** ms without a reader. */
const keptFor = 5_000;

export function openRegistryMetadata(config: Config): RegistryMetadata {
  return keptInPostgres(config) ? inPostgres(config) : inSqlite(config);
}

function inPostgres(config: Config): RegistryMetadata {
  let opening: Promise<Metadata | undefined> | undefined;
  return {
    exists: () => Promise.resolve(true),
    async use(work) {
      opening ??= openMetadataAsItIs(config);
      try {
        const metadata = await opening;
        return metadata && (await work(metadata));
      } catch (error) {
        if ((await opening.catch(() => undefined)) === undefined) opening = undefined;
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

function inSqlite(config: Config): RegistryMetadata {
  const path = databasePath(config);
  const link = createOperationsLink(controlPath(config.data));
  let opened: Opened | undefined;

  const submit: typeof link.submit = async (op) => {
    try {
      return await link.submit(op);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "unavailable")) throw error;
      // The connection may have been one to a server that was restarted. Each change can be made twice.
      return link.submit(op);
    }
  };

  async function fileNow(): Promise<string | undefined> {
    const found = await stat(path).catch(() => undefined);
    // An empty file is made before the database is.
    return found === undefined || found.size === 0 ? undefined : `${found.dev}:${found.ino}`;
  }

  async function close(one: Opened): Promise<void> {
    if (opened === one) opened = undefined;
    clearTimeout(one.idle);
    await one.metadata[Symbol.asyncDispose]();
  }

  async function current(): Promise<Opened | undefined> {
    const file = await fileNow();
    if (opened?.file === file) return opened;
    const old = opened;
    opened = undefined;
    if (old?.users === 0) await close(old);
    if (file === undefined || !(await hasReadable(path))) return undefined;
    opened ??= { metadata: createSqliteMetadata({ path, submit }), file, users: 0, idle: undefined };
    return opened;
  }

  return {
    exists: async () => (await fileNow()) !== undefined,
    async use(work) {
      const one = await current();
      if (one === undefined) return undefined;
      clearTimeout(one.idle);
      one.users++;
      try {
        return await work(one.metadata);
      } finally {
        one.users--;
        if (one.users === 0 && one !== opened) await close(one);
        else if (one.users === 0) one.idle = setTimeout(() => void close(one), keptFor).unref();
      }
    },
    async [Symbol.asyncDispose]() {
      link[Symbol.dispose]();
      if (opened !== undefined) await close(opened);
    },
  };
}
