import { describe } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { wrongFactContract } from "../../contract/metadata/wrong-facts.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

describe("facts that are wrong, in SQLite", () =>
  wrongFactContract(async () => {
    const folder = tempFolder();
    const path = folder.file("metadata.db");
    const metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
    return {
      metadata,
      async plant(...statements) {
        const db = openConnection(path, "write");
        try {
          db.pragma("foreign_keys = OFF");
          const triggers = db
            .prepare<[], { name: string; sql: string }>(
              "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
            )
            .all();
          for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
          for (const statement of statements) db.exec(statement);
          for (const { sql } of triggers) db.exec(sql);
        } finally {
          db.close();
        }
      },
      async [Symbol.asyncDispose]() {
        await metadata[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      },
    };
  }));
