import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { garbageOperations } from "#adapters/sqlite/operations/ops-garbage.ts";
import { garbageReads } from "#adapters/sqlite/reads/read-garbage.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

/** What goes through everything that it counts, a page at a time or what is rare. */
const goesThrough = /^SCAN (?:t|tombstones|strays|CONSTANT ROW|\(subquery-\d+\))(?: |$)/;
/** In the order of an index that holds loose ones only, from where the page before ended. */
const inOrder =
  /^SCAN (?:l USING (?:COVERING )?INDEX repository_blobs_unreferenced|blobs USING INDEX blobs_unreferenced)/;

test("nothing that looks for garbage, or takes it away, looks at what is alive", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  await (await openSqliteMetadata({ path, migrationsDir: migrations }))[Symbol.asyncDispose]();
  const db = openConnection(path, "write");
  const texts: string[] = [];
  const prepare = db.prepare.bind(db);
  Object.assign(db, {
    prepare(text: string) {
      texts.push(text);
      return prepare(text);
    },
  });
  garbageReads(db);
  garbageOperations(db);
  assert.ok(texts.length > 20);
  for (const text of texts) {
    const plan = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`);
    const values = text.includes("?") ? [...text.matchAll(/\?/g)].map(() => 1) : [named(text)];
    for (const { detail } of plan.all(...values)) {
      assert.doesNotMatch(detail, /TEMP B-TREE|AUTOMATIC/, `${detail}: ${text}`);
      if (detail.startsWith("SCAN") && !goesThrough.test(detail))
        assert.match(detail, inOrder, `${detail}: ${text}`);
    }
  }
  db.close();
});

function named(text: string): Record<string, number> {
  return Object.fromEntries([...text.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => [name ?? "", 1]));
}
