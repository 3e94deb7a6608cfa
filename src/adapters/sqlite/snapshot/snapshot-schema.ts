import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { Connection } from "../connection.ts";
import { migrationsTable, type Migration } from "../migrate.ts";

/**
 * Whether a database has exactly the tables, indexes, triggers and views that these migrations make: a trigger more
 * would go on changing facts in every server that uses it.
 */
export function hasSchemaOf(db: Connection, applied: readonly Migration[]): boolean {
  const fresh = new Database(":memory:");
  try {
    fresh.exec(migrationsTable);
    for (const { file } of applied) fresh.exec(readFileSync(file, "utf8"));
    const [found, expected] = [schemaOf(db), schemaOf(fresh)];
    return found.length === expected.length && found.every((line, at) => line === expected[at]);
  } finally {
    fresh.close();
  }
}

interface SchemaRow {
  type: string;
  name: string;
  table: string;
  sql: string | null;
}

/** What ANALYZE makes is no fact. */
const statistics = /^sqlite_stat[14]$/;

function schemaOf(db: Connection): string[] {
  const rows = db
    .prepare<[], SchemaRow>('SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema')
    .all();
  return rows
    .filter(({ type, name }) => !(type === "table" && statistics.test(name)))
    .map(({ type, name, table, sql }) => JSON.stringify([type, name, table, plain(sql ?? "")]))
    .sort();
}

/** Without comments and line breaks, which may be others in another release. */
function plain(sql: string): string {
  return sql
    .replace(/--[^\n]*/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
