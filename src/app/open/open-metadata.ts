/**
 * Which metadata store the config names, for each process that needs one. SQLite has one writer, in the keeper,
 * and workers send it their changes; with PostgreSQL every process writes by itself.
 */
import { readFile } from "node:fs/promises";
import { groupCommit } from "#adapters/sqlite/group-commit.ts";
import { pendingUpgrade } from "#adapters/sqlite/pending-upgrade.ts";
import { createSqliteMetadata } from "#adapters/sqlite/metadata.ts";
import { openSqliteAccounts } from "#adapters/sqlite/open-accounts.ts";
import { openSqliteAudit } from "#adapters/sqlite/open-audit.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import type { Outcome, Submit } from "#adapters/sqlite/outcome.ts";
import { openSqliteWriter } from "#adapters/sqlite/writer.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Account } from "#core/metadata/accounts.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { databasePath, hasReadable, migrationsFolder, postgresMigrationsFolder } from "./storage.ts";

/** Of verbs that only look something up. */
const readerPool = 1;

/** Brought up to date, for a process that is alone with the data folder. Throws unavailable, storage-failed. */
export async function openMetadata(config: Config): Promise<Metadata> {
  const url = await postgresUrl(config);
  if (url === undefined)
    return openSqliteMetadata({ path: databasePath(config), migrationsDir: migrationsFolder });
  return (await postgres())({ url, pool: config.metadata.pool, migrationsDir: postgresMigrationsFolder });
}

/** Metadata of the keeper. */
export interface KeeperMetadata extends AsyncDisposable {
  readonly metadata: Metadata;
  /** For operations of workers, where they have none of their own; never rejects. */
  submitBatch(ops: readonly Op[]): Promise<Outcome[]>;
}

/** Brought up to date, before there are workers. Throws unavailable, storage-failed. */
export async function openKeeperMetadata(config: Config): Promise<KeeperMetadata> {
  await using parts = new AsyncDisposableStack();
  if (keptInPostgres(config)) {
    const metadata = parts.use(await openMetadata(config));
    const opened = parts.move();
    return {
      metadata,
      submitBatch: () => Promise.reject(new Error("with PostgreSQL workers write by themselves")),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  }
  const path = databasePath(config);
  const writer = parts.use(openSqliteWriter({ path, migrations: migrationsFolder }));
  const commits = parts.use(groupCommit(writer));
  const metadata = parts.use(createSqliteMetadata({ path, submit: commits.submit }));
  const opened = parts.move();
  return {
    metadata,
    submitBatch: (ops) => commits.submitBatch(ops),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Metadata of a worker; the keeper has brought it up to date. @param submit its way to the keeper's writer */
export async function openWorkerMetadata(config: Config, submit: Submit): Promise<Metadata> {
  const url = await postgresUrl(config);
  if (url === undefined) return createSqliteMetadata({ path: databasePath(config), submit });
  return (await postgres())({ url, pool: config.metadata.pool, migrationsDir: undefined });
}

/**
 * As it is, next to servers or without: nothing is brought up to date, and with SQLite nothing can be changed.
 * Undefined: there is no database yet. Throws storage-failed, also for a database of an older Berth.
 */
export async function openMetadataAsItIs(config: Config): Promise<Metadata | undefined> {
  const url = await postgresUrl(config);
  if (url !== undefined)
    return (await postgres())({ url, pool: config.metadata.pool, migrationsDir: undefined });
  const path = databasePath(config);
  if (!(await hasReadable(path))) return undefined;
  if (pendingUpgrade(path, migrationsFolder) !== undefined)
    throw new AppError(
      "storage-failed",
      `The metadata database ${path} is of an older Berth. Start the server, which brings it up to date; then say this again.`,
    );
  return createSqliteMetadata({
    path,
    submit: () => Promise.reject(new AppError("storage-failed", "this command only reads metadata")),
  });
}

export interface AuditReader extends Pick<AuditLog, "list" | "latest">, AsyncDisposable {}

/** The audit log for reading, also next to a running server. Undefined: there is no database yet. */
export async function openAuditReader(config: Config): Promise<AuditReader | undefined> {
  const url = await postgresUrl(config);
  if (url !== undefined) {
    const metadata = await (await postgres())({ url, pool: readerPool, migrationsDir: undefined });
    return { ...metadata.audit, [Symbol.asyncDispose]: () => metadata[Symbol.asyncDispose]() };
  }
  const path = databasePath(config);
  if (!(await hasReadable(path))) return undefined;
  const reader = openSqliteAudit(path);
  return {
    list: (filter, after, limit) => reader.list(filter, after, limit),
    latest: (filter, limit) => reader.latest(filter, limit),
    [Symbol.asyncDispose]: async () => reader[Symbol.dispose](),
  };
}

/** The account of this name, also next to a running server; undefined where there is none. */
export async function readAccount(config: Config, name: string): Promise<Account | undefined> {
  const url = await postgresUrl(config);
  if (url !== undefined) {
    await using metadata = await (await postgres())({ url, pool: readerPool, migrationsDir: undefined });
    return await metadata.accounts.byName(name);
  }
  const path = databasePath(config);
  if (!(await hasReadable(path))) return undefined;
  using accounts = openSqliteAccounts(path);
  return accounts.byName(name);
}

/** Loaded only where it is wanted: a driver takes time and memory in every process. */
async function postgres() {
  return (await import("#adapters/postgres/open.ts")).openPostgresMetadata;
}

/** Whether metadata is elsewhere than in the data folder. */
export function keptInPostgres({ metadata }: Config): boolean {
  return metadata.url !== undefined || metadata.url_file !== undefined;
}

/** Undefined: SQLite. Errors show nothing of the address, and of its file only the name. */
export async function postgresUrl({
  metadata: { url, url_file: file },
}: Config): Promise<string | undefined> {
  if (file === undefined) return url;
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new AppError(
      "storage-failed",
      `metadata.url_file ${file} can't be read (${code}): put the address of the database there`,
      { cause },
    );
  }
  const { databaseUrlFault } = await import("#config/database-url.ts");
  const fault = databaseUrlFault(text);
  if (fault !== undefined)
    throw new AppError("storage-failed", `metadata.url_file ${file}: what it holds ${fault}`);
  return text;
}
