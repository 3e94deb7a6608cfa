import { after, before, describe } from "node:test";
import pg from "pg";
import { wrongFactContract } from "../../contract/metadata/wrong-facts.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe("facts that are wrong, in PostgreSQL", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  wrongFactContract(async () => {
    const database = await server.database();
    const metadata = await openOn(database);
    return {
      metadata,
      async plant(...statements) {
        const client = new pg.Client(database.url);
        await client.connect();
        try {
          // Neither triggers nor foreign keys.
          await client.query("SET session_replication_role = replica");
          for (const statement of statements) await client.query(statement);
        } finally {
          await client.end();
        }
      },
      [Symbol.asyncDispose]: () => metadata[Symbol.asyncDispose](),
    };
  });
});
