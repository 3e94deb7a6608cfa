import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { metadataContract } from "../../contract/metadata.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

metadataContract("SQLite", async () => {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
  return {
    ...metadata,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
});
