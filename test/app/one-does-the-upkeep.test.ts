import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { openOn } from "../adapters/postgres/place.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { pull } from "../contract/metadata/audit-content.ts";
import { needsPostgres, startPostgres, type TestDatabase, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus } from "../harness/registry-client.ts";
import { sharedBlobs, startNeighbour, until, type Neighbour } from "./neighbour.ts";

const ours = "this server has the lease now";

function leasesOf(server: Neighbour): unknown[] {
  return server.said(ours).map(({ lease }) => lease);
}

// At the same time, because each waits for beats of the servers.
describe("of several servers on one database", { ...needsPostgres(), concurrency: true }, () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  async function shared() {
    const database = await server.database();
    const metadata = await openOn(database, 2);
    return {
      metadata,
      database,
      config: (more = "") => `metadata: { url: "${database.url}" }\n${more}`,
      [Symbol.asyncDispose]: () => metadata[Symbol.asyncDispose](),
    };
  }

  /** An upload that nobody went on with. */
  async function begunLongAgo({ client }: Neighbour, database: TestDatabase): Promise<void> {
    expectStatus(await client.request("POST", "/v2/alpha/app/blobs/uploads/"), 202);
    await database.sql("UPDATE uploads SET touched_at = 1");
  }

  test("one ends forgotten uploads; when it stops, another does", async () => {
    await using place = await shared();
    const { metadata, database, config } = place;
    const often = config("uploads: { expire_after: 1m, purge_interval: 1s }\n");
    const purged = (each: Neighbour) => each.said("stale uploads purged").length;
    const forgotten = async (by: Neighbour) => {
      await begunLongAgo(by, database);
      await until("its end", async () => (await metadata.uploads.count()) === 0);
    };
    await using first = await startNeighbour(often);
    await using second = await startNeighbour(often);
    for (const by of [first, second, second]) await forgotten(by);
    await until("the log", () => purged(first) === 3);
    assert.deepEqual([leasesOf(first), leasesOf(second), purged(second)], [["upkeep"], [], 0]);
    await first[Symbol.asyncDispose]();
    // Its turn begins with a run.
    await forgotten(second);
    await until("the log", () => purged(second) === 1);
    assert.deepEqual(leasesOf(second), ["upkeep"]);
    assert.equal(first.log.length, first.log.filter(({ level }) => level === 30).length);
  });

  test("when the one that has the upkeep is killed, another takes over", async () => {
    await using place = await shared();
    const { metadata, database, config } = place;
    const storage = { disk: { path: sharedBlobs } };
    await using killed = await spawnBerth({
      config: { workers: 2, metadata: { url: database.url }, storage },
    });
    await using other = await startNeighbour(config("uploads: { expire_after: 1m }\n"));
    assert.deepEqual([await metadata.leases.held(""), leasesOf(other)], [["upkeep"], []]);
    await begunLongAgo(other, database);
    await killed.kill("SIGKILL");
    assert.deepEqual(leasesOf(other), []);
    // Half a minute goes by.
    await database.sql("UPDATE leases SET until = until - 30000");
    await until("the other server's turn", () => leasesOf(other).length > 0);
    await until("its first purge", async () => (await metadata.uploads.count()) === 0);
  });

  test("every line of the audit log is in the file of one of them, also of those that have one", async () => {
    using folder = tempFolder();
    await using place = await shared();
    const { metadata, config } = place;
    const files = ["first", "second"].map((name) => folder.file(`${name}.jsonl`));
    const withFile = (i: number) => config(`audit: { enabled: true, file: "${files[i]}" }\n`);
    const lines = (i: number) =>
      readFileSync(files[i] ?? "", "utf8")
        .split("\n")
        .slice(0, -1);
    const entries = async (from: number, count: number) => {
      const many = Array.from({ length: count }, (_, i) => pull(Date.now() + from + i));
      await metadata.audit.append(many);
    };
    // Has the upkeep, and no file.
    await using none = await startNeighbour(config());
    await using first = await startNeighbour(withFile(0));
    await using second = await startNeighbour(withFile(1));
    await entries(0, 700);
    await until("the first file", () => lines(0).length === 700);
    assert.deepEqual(
      [leasesOf(none), leasesOf(first), leasesOf(second), lines(1)],
      [["upkeep"], ["audit-lines"], [], []],
    );
    await entries(1000, 3);
    await first[Symbol.asyncDispose]();
    assert.equal(lines(0).length, 703, "the rest when it stops");
    await entries(2000, 5);
    await until("the second file", () => lines(1).length === 5);
    const ids = [...lines(0), ...lines(1)].map((line) => (JSON.parse(line) as { id: number }).id);
    assert.deepEqual(
      ids,
      (await metadata.audit.latest({}, 10_000)).map(({ id }) => id),
    );
  });
});
