import { after, before, describe, test } from "node:test";
import { raceGarbage } from "../../contract/metadata/garbage-race.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe("garbage collection of two servers on one database", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    // A deadlock would show as a wait of so long, and as an error once it was met too often.
    server = await startPostgres({ deadlock_timeout: "100ms", log_lock_waits: "on" });
  });
  after(() => server[Symbol.asyncDispose]());

  test("next to pushes, mounts, manifests and HEADs it never takes what one of them needs", async () => {
    const database = await server.database();
    await using one = await openOn(database, 8);
    await using other = await openOn(database, 8);
    await raceGarbage([one, other], 30);
    const [row] = await database.sql<{ deadlocks: string }>(
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    );
    if (row?.deadlocks !== "0") throw new Error(`${row?.deadlocks} deadlocks`);
  });
});
