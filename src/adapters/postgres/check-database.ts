import { AppError } from "#core/errors.ts";
import { storageError } from "./errors.ts";
import { checkApplied, checkServer, findApplied, newClient, readMigrations } from "./migrate.ts";

/**
 * Looks whether Berth can work in a database, and changes nothing: connection, version, encoding, schema, and the
 * right to make what is missing.
 * @returns what it found there: `PostgreSQL 16.2, schema 4`
 * Errors: unavailable, storage-failed, with what to do; nothing of the address is shown.
 */
export async function checkDatabase(url: string, migrationsDir: string | URL): Promise<string> {
  const migrations = readMigrations(migrationsDir);
  const newest = migrations.at(-1)?.version ?? 0;
  const client = newClient(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    await checkServer(client);
    const { rows } = await client.query<{
      version: string;
      schema: string;
      creates: boolean;
      reads: boolean;
    }>(
      "SELECT current_setting('server_version') AS version, current_schema() AS schema, " +
        "has_schema_privilege(current_schema(), 'CREATE') AS creates, " +
        "pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS reads",
    );
    const { version = "", schema = "", creates = true, reads = false } = rows[0] ?? {};
    if (reads) throw refusal("it takes no changes: metadata.url must name the primary, not a standby.");
    const applied = await findApplied(client);
    checkApplied(applied ?? [], migrations);
    const current = applied?.at(-1)?.version ?? 0;
    if (current < newest && !creates)
      throw refusal(
        `its user may make no tables in the schema ${schema}. Let it own the database: ALTER DATABASE … OWNER TO ….`,
      );
    const found = `PostgreSQL ${version.split(" ", 1)[0]}`;
    if (applied === undefined) return `${found}, empty: the first start makes its tables`;
    return `${found}, schema ${current}` + (current < newest ? `: the start brings it to ${newest}` : "");
  } catch (error) {
    throw storageError("The metadata database can't be used", error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refusal(why: string): AppError {
  return new AppError("storage-failed", `The metadata database can't be used: ${why}`);
}
