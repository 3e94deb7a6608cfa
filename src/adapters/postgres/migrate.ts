import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { AppError } from "#core/errors.ts";
import { storageError } from "./errors.ts";
import { connectionOptions, unreadable } from "./pool.ts";

export interface Migration {
  version: number;
  name: string;
  sql: string;
  checksum: string;
}

export interface Applied {
  version: number;
  name: string;
  checksum: string;
}

const fileName = /^(\d{4})-([a-z0-9-]+)\.sql$/;
const oldestServer = 13;
/** First half of the advisory lock's key; the second is the schema. */
const lockKey = 1_113_944_648;
/** How long another server may be migrating, ms. */
const patience = 10 * 60_000;
const look = 100;

/**
 * Brings a database to the newest version that `directory` has (`NNNN-name.sql`, in order), each file in a
 * transaction of its own together with its row in `schema_migrations`. Of servers that start together one
 * does it, and the others wait.
 * Errors: unavailable; storage-failed for a database that a newer Berth wrote, one of another program, one
 * that isn't UTF-8, a PostgreSQL that is too old, and a migration that fails (and leaves nothing behind).
 */
export async function migrate(url: string, directory: string | URL): Promise<void> {
  const migrations = readMigrations(directory);
  const client = newClient(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    await checkServer(client);
    await lock(client);
    const applied = await appliedMigrations(client);
    checkApplied(applied, migrations);
    const known = new Set(applied.map(({ version }) => version));
    for (const migration of migrations) if (!known.has(migration.version)) await apply(client, migration);
  } catch (error) {
    throw storageError("The metadata database can't be opened", error);
  } finally {
    // The lock goes with the connection.
    await client.end().catch(() => undefined);
  }
}

/** One connection, not yet made. */
export function newClient(url: string): pg.Client {
  try {
    return new pg.Client(connectionOptions(url));
  } catch (error) {
    throw unreadable(error);
  }
}

/** The migrations of a folder, in order. */
export function readMigrations(directory: string | URL): Migration[] {
  const folder = typeof directory === "string" ? directory : fileURLToPath(directory);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const migrations = files.sort().flatMap((file): Migration[] => {
    const [, version = "", name = ""] = fileName.exec(file) ?? [];
    if (version === "") return [];
    const sql = readFileSync(resolve(folder, file), "utf8");
    return [
      { version: Number(version), name, sql, checksum: createHash("sha256").update(sql).digest("hex") },
    ];
  });
  if (migrations.length === 0)
    throw new AppError("storage-failed", `There are no migrations in ${folder}. Install Berth again.`);
  const twice = migrations.find((migration, i) => migrations[i - 1]?.version === migration.version);
  if (twice)
    throw new AppError("storage-failed", `Two migrations in ${folder} have version ${twice.version}.`);
  return migrations;
}

/** Refuses a server or database that Berth can't use at all. */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; encoding: string; schema: string | null }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding, " +
      "current_schema() AS schema",
  );
  const { version = "", encoding = "", schema } = rows[0] ?? {};
  if (Number.parseInt(version, 10) < oldestServer)
    throw refusal(`it is PostgreSQL ${version}, and Berth needs ${oldestServer} or newer.`);
  if (encoding !== "UTF8")
    throw refusal(`its encoding is ${encoding}. Make one with ENCODING 'UTF8' TEMPLATE template0.`);
  if (schema === null) throw refusal("its search_path names no schema that is there.");
}

async function lock(client: pg.Client): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_lock(${lockKey}, hashtext(current_schema())) AS mine`,
    );
    if (rows[0]?.mine === true) return;
    if (Date.now() >= end)
      throw new AppError(
        "unavailable",
        "Another Berth has been migrating the metadata database for too long.",
      );
    await pause(look);
  }
}

/** What was applied to the schema; undefined: there is no table in it. Refuses another program's. */
export async function findApplied(client: pg.Client): Promise<Applied[] | undefined> {
  // Tables of extensions that the database's owner installed are no other program's.
  const { rows } = await client.query<{ name: string }>(
    "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace " +
      "AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
  );
  const tables = rows.map(({ name }) => name);
  if (tables.length === 0) return undefined;
  const columns = await client.query(
    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.schema_migrations') " +
      "AND attname = 'checksum'",
  );
  const ours = columns.rowCount === 1 && (tables.length === 1 || tables.includes("repositories"));
  if (!ours) throw refusal(`another program has tables in it (${tables[0]} …). Give Berth one of its own.`);
  const applied = await client.query<Applied>(
    "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
  );
  return applied.rows;
}

async function appliedMigrations(client: pg.Client): Promise<Applied[]> {
  const applied = await findApplied(client);
  if (applied === undefined)
    await client.query(
      "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, " +
        "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    );
  return applied ?? [];
}

/** Refuses a schema that this Berth doesn't know. */
export function checkApplied(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  for (const { version, name, checksum } of applied) {
    const known = migrations.find((migration) => migration.version === version);
    if (known === undefined)
      throw refusal(
        `a newer Berth wrote it: it has schema ${version} ("${name}"), and this Berth knows up to ${newest}. ` +
          "Start that newer Berth again, or restore a backup from before the upgrade.",
      );
    if (known.checksum !== checksum)
      throw refusal(
        `its schema ${version} ("${name}") was made by another text than this Berth's. Install the Berth that made it.`,
      );
  }
}

async function apply(client: pg.Client, { version, name, sql, checksum }: Migration): Promise<void> {
  const transaction = async () =>
    (await client.query<{ id: string | null }>("SELECT pg_current_xact_id_if_assigned()::text AS id")).rows[0]
      ?.id;
  await client.query("BEGIN; SELECT pg_current_xact_id();");
  try {
    const begun = await transaction();
    await client.query(sql);
    if ((await transaction()) !== begun)
      throw refusal(`migration ${version} ("${name}") ends the transaction that it runs in`);
    await client.query(
      "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
      [version, name, checksum, Date.now()],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function refusal(why: string): AppError {
  return new AppError("storage-failed", `The metadata database can't be used: ${why}`);
}
