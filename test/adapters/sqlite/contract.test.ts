import assert from "node:assert/strict";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { metadataContract } from "../../contract/metadata.ts";
import { wrongCounters } from "../../contract/metadata/usage-recount.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

metadataContract("SQLite", async () => {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
  return {
    ...metadata,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      // Whatever a test did, the counters hold.
      const db = openConnection(folder.file("metadata.db"), "read");
      for (const text of wrongCounters) assert.deepEqual(db.prepare(text).all(), []);
      db.close();
      folder[Symbol.dispose]();
    },
  };
});
