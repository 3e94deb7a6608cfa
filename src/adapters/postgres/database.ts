/**
 * PostgreSQL as this adapter uses it: a bounded pool, transactions that are tried again when others were in the
 * way, and errors in our words. Flow: a read is one statement on any connection; a change of more than one
 * statement is a `transaction`.
 */
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { AppError } from "#core/errors.ts";
import { isBroken, isConflict, isGone, storageError, storageErrorForClients } from "./errors.ts";
import { openPool } from "./pool.ts";

/** Statements with parameters $1, $2, …; 64-bit numbers come as numbers. */
export interface Queries {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row. */
  row<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows it changed. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
}

/** Outside of a transaction `row` and `rows` only read: they may run twice. */
export interface Database extends Queries, AsyncDisposable {
  /**
   * READ COMMITTED, so each statement sees what was committed before it: `work` locks what it decides on. May
   * run again from its beginning; durable when it resolves.
   * @param keeps whether the value stands for a change; else everything is taken back.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>, keeps?: (value: T) => boolean): Promise<T>;
}

export interface DatabaseParts {
  /** `postgres://…`. Holds a password: never part of a message. */
  url: string;
  /** Connections at most. */
  pool: number;
}

/** Callers that may wait for a connection. */
const mostWaiting = 2_000;
const mostTries = 8;
const couldntRead = "The metadata couldn't be read";
const couldntWrite = "The metadata couldn't be written";

/** Connects when it is first asked. Throws storage-failed when the URL can't be used. */
export function openDatabase({ url, pool: max }: DatabaseParts): Database {
  const pool = openPool(url, max);
  const names = new Map<string, string>();

  /** Each text is prepared once on each connection; there are no more texts than the source has. */
  function nameOf(text: string): string {
    let name = names.get(text);
    if (name === undefined) names.set(text, (name = `berth_${names.size}`));
    return name;
  }

  function queriesOn(run: (query: pg.QueryConfig) => Promise<pg.QueryResult>): Queries {
    const query = (text: string, values: readonly unknown[] = []) =>
      run({ name: nameOf(text), text, values: values.map(storable) });
    return {
      rows: async <Row>(text: string, values?: readonly unknown[]) =>
        (await query(text, values)).rows as Row[],
      row: async <Row>(text: string, values?: readonly unknown[]) =>
        (await query(text, values)).rows[0] as Row | undefined,
      change: async (text, values) => (await query(text, values)).rowCount ?? 0,
    };
  }

  function checkQueue(): void {
    if (pool.waitingCount < mostWaiting) return;
    const message = "Too many requests wait for the metadata database. Try again.";
    throw new AppError("unavailable", message, { retryAfter: 1 });
  }

  async function once<T>(work: (tx: Queries) => Promise<T>, keeps: (value: T) => boolean): Promise<T> {
    checkQueue();
    const client = await pool.connect();
    let committing = false;
    let unusable = false;
    try {
      await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      const value = await work(queriesOn((query) => client.query(query)));
      committing = keeps(value);
      const { command } = await client.query(committing ? "COMMIT" : "ROLLBACK");
      if (committing && command !== "COMMIT") throw new Error("the transaction was taken back");
      return value;
    } catch (error) {
      unusable = isGone(error) || !(await rolledBack(client));
      // Whether it was committed nobody knows: only the caller can decide to try again.
      throw committing && isGone(error) ? storageError(couldntWrite, error) : error;
    } finally {
      client.release(unusable);
    }
  }

  const pooled = queriesOn((query) => {
    checkQueue();
    return pool.query(query);
  });
  const read = <T>(run: () => Promise<T>) => trying(couldntRead, run, (error) => isBroken(error));
  return {
    rows: (text, values) => read(() => pooled.rows(text, values)),
    row: (text, values) => read(() => pooled.row(text, values)),
    change: (text, values) => trying(couldntWrite, () => pooled.change(text, values), isConflict),
    transaction: (work, keeps = () => true) =>
      trying(
        couldntWrite,
        () => once(work, keeps),
        (error) => isConflict(error) || isBroken(error),
      ),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Runs `run` again, a moment later and a bounded number of times, after errors that `again` takes. */
async function trying<T>(
  what: string,
  run: () => Promise<T>,
  again: (error: unknown) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries >= mostTries || !again(error)) throw storageErrorForClients(what, error);
      await pause(Math.random() * Math.min(200, 5 * 2 ** tries));
    }
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL's texts have no NUL; none of our names has one, so the sign that stands for it finds nothing. */
function storable(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
  return Array.isArray(value) ? value.map(storable) : value;
}

/** The key of a page as a parameter: what follows a NUL doesn't matter, because no name holds one. */
export function after(last: string | undefined): string {
  return last?.split("\0", 1)[0] ?? "";
}
