import type Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import type { Shelf } from "#core/engine/records.ts";
import { damaged, recordsFault } from "./faults.ts";
import { readRecord, writeRecord } from "./record-json.ts";
import type { Writer } from "./writer.ts";

/** The records of one noun: its table in `db`, in the order in which they were first put. */
export function openShelf<T>(
  db: Database.Database,
  writer: Writer,
  table: string,
  idOf: (record: T) => string,
): Shelf<T> {
  const list = db.prepare<[], { id: string; document: string }>(
    `SELECT id, document FROM ${table} ORDER BY rowid`,
  );
  const put = db.prepare<[string, string]>(
    `INSERT INTO ${table} (id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM ${table} WHERE id = ?`);

  return {
    async all() {
      try {
        return list.all().map(({ id, document }) => parse(id, document));
      } catch (error) {
        throw recordsFault("The engine's records couldn't be read", error);
      }
    },
    put(record, lasting) {
      // Now, not when the turn ends: the caller may go on changing it.
      const [id, document] = [idOf(record), writeRecord(record)];
      return writer.write(() => void put.run(id, document), lasting);
    },
    // Of no use to wait for the disk: what comes back after a power failure has no files, and goes at the next start.
    remove: (id) => writer.write(() => void remove.run(id), false),
  };

  function parse(id: string, document: string): T {
    try {
      return readRecord<T>(document);
    } catch (error) {
      throw new AppError("storage-failed", `${db.name}, ${table}, ${id}: ${damaged}`, { cause: error });
    }
  }
}
