import { after, before, describe } from "node:test";
import { metadataContract } from "../../contract/metadata.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe("on a real server", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  metadataContract("PostgreSQL", async () => openOn(await server.database()));
});
