import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { openDatabase } from "#adapters/postgres/database.ts";
import { metadataContract } from "../../contract/metadata.ts";
import { wrongCounters } from "../../contract/metadata/usage-recount.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe("on a real server", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  metadataContract("PostgreSQL", async () => {
    const database = await server.database();
    const metadata = await openOn(database);
    return {
      ...metadata,
      async [Symbol.asyncDispose]() {
        await metadata[Symbol.asyncDispose]();
        // Whatever a test did, the counters hold.
        await using db = openDatabase({ url: database.url, pool: 1 });
        for (const text of wrongCounters) assert.deepEqual(await db.rows(text), []);
      },
    };
  });
});
