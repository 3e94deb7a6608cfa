import pg from "pg";
import { AppError } from "#core/errors.ts";

/** ms to get a connection, to wait for a lock, for a statement, and for one that the network swallowed. */
const connectTimeout = 10_000;
const lockTimeout = 15_000;
const statementTimeout = 30_000;
const lostTimeout = 40_000;
/** A transaction whose server vanished gives up its locks after so long. */
const idleInTransaction = 15_000;
/** Connections that nobody uses for so long are closed. */
const idleConnection = 60_000;

const int8: number = pg.types.builtins.INT8;

/** All ids, sizes and times fit a number. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown {
    const known = pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown;
    return oid === int8 ? Number : known(oid, format);
  },
};

/** What every connection is made with. Throws storage-failed, never showing the URL, when that can't be read. */
export function connectionOptions(url: string): pg.ClientConfig {
  return {
    // What sslmode means to libpq, so that one URL does for all programs.
    connectionString: /[?&]sslmode=/.test(url) ? `${url}&uselibpqcompat=true` : url,
    application_name: "berth",
    types,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeout,
  };
}

/** A pool that connects when it is first asked, and again when connections broke. */
export function openPool(url: string, max: number): pg.Pool {
  try {
    const pool = new pg.Pool({
      ...connectionOptions(url),
      max,
      idleTimeoutMillis: idleConnection,
      lock_timeout: lockTimeout,
      statement_timeout: statementTimeout,
      query_timeout: lostTimeout,
      idle_in_transaction_session_timeout: idleInTransaction,
      // It is awaited, whatever its type says.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      onConnect: prepare,
    });
    // A connection that breaks while nobody uses it is none of our business: the pool drops it.
    pool.on("error", () => undefined);
    return pool;
  } catch (error) {
    throw unreadable(error);
  }
}

/** Also for a single connection: parsing the URL may read certificates. */
export function unreadable(error: unknown): AppError {
  const { code, path } = error as NodeJS.ErrnoException;
  const why =
    path === undefined
      ? "it isn't a good postgres:// URL (characters such as @ : / ? # % in the password must be URL-encoded)"
      : `${path} can't be read (${code})`;
  return new AppError("storage-failed", `metadata.url can't be used: ${why}.`);
}

/** What was answered as done must be on disk, whatever the database's own default is. */
async function prepare(client: pg.ClientBase): Promise<void> {
  // Breaking while it is used: the statement under way fails, and this event is nobody's.
  client.on("error", () => undefined);
  await client.query(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
}
