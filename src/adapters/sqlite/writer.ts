import { AppError } from "#core/errors.ts";
import { Claims } from "./claims.ts";
import { openConnection, type Connection } from "./connection.ts";
import { storageError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { endLeases } from "./operations/ops-leases.ts";
import { operationTable, volatileOps, type Op } from "./operations/operations.ts";
import { failure, type Outcome } from "./outcome.ts";

export interface WriterParts {
  /** The database file; made when it isn't there. Its folder must exist. */
  path: string;
  /** Folder of the numbered migrations. */
  migrations: string | URL;
}

/**
 * Opens the database for writing, brings its schema up to date and ends the leases of whoever wrote before.
 * One process at a time.
 * Errors: storage-failed for a damaged, foreign or newer database, with what to do.
 */
export function openSqliteWriter({ path, migrations }: WriterParts): Writer {
  const db = openConnection(path, "write");
  try {
    migrate(db, migrations);
    endLeases(db);
    return new Writer(db);
  } catch (error) {
    db.close();
    throw storageError(`The metadata database ${path} can't be opened`, error);
  }
}

/**
 * The one connection that writes, and the claims on uploads. Applies operations in batches: one
 * transaction, so one fsync, for all of a batch; an operation that fails takes back only itself.
 */
export class Writer {
  readonly #db: Connection;
  readonly #claims = new Claims();
  readonly #operations: Map<string, (args: never) => unknown>;
  readonly #begin;
  readonly #commit;
  readonly #savepoint;
  readonly #release;
  readonly #undo;
  #commits = 0;

  constructor(db: Connection) {
    this.#db = db;
    this.#operations = operationTable(db, this.#claims);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#savepoint = db.prepare("SAVEPOINT op");
    this.#release = db.prepare("RELEASE op");
    this.#undo = db.prepare("ROLLBACK TO op");
  }

  /** Transactions committed so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Applies a batch in order; the outcomes stand where their operations stood. Never throws. */
  apply(batch: readonly Op[]): Outcome[] {
    const durable = batch.some(({ op }) => !volatileOps.has(op));
    try {
      if (!durable) return batch.map((op) => this.#attempt(op));
      return this.#transaction(batch);
    } catch (error) {
      this.#claims.rollback(0);
      if (this.#db.open && this.#db.inTransaction) this.#db.exec("ROLLBACK");
      const failed = failure(storageError("The metadata couldn't be written", error));
      return batch.map(() => failed);
    } finally {
      this.#claims.keep();
    }
  }

  #transaction(batch: readonly Op[]): Outcome[] {
    this.#begin.run();
    const outcomes = batch.map((op) => {
      this.#savepoint.run();
      const outcome = this.#attempt(op);
      if (!outcome.ok) this.#undo.run();
      this.#release.run();
      return outcome;
    });
    this.#commit.run();
    this.#commits++;
    return outcomes;
  }

  #attempt({ op, args }: Op): Outcome {
    const mark = this.#claims.mark();
    const inTransaction = this.#db.inTransaction;
    try {
      const operation = this.#operations.get(op);
      if (!operation) throw new AppError("storage-failed", `There is no metadata operation "${op}".`);
      return { ok: true, value: operation(args as never) };
    } catch (error) {
      // Some errors (disk full, I/O) end the whole transaction: then nothing of the batch is left.
      if (this.#db.inTransaction !== inTransaction) throw error;
      this.#claims.rollback(mark);
      return failure(storageError("The metadata couldn't be written", error));
    }
  }

  /** Closes the connection. Batches that are applied later fail. */
  [Symbol.dispose](): void {
    this.#db.close();
  }
}
