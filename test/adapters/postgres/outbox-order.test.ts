import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RepositoryName } from "#oci/reference.ts";
import { beta, manifest, tag } from "../../contract/metadata/content.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

const count = (length: number) => Array.from({ length }, (_, i) => i);

describe("the outbox of two servers", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("who follows it misses nothing, however transactions overlap", async () => {
    const database = await server.database();
    await using one = await openOn(database);
    await using other = await openOn(database);
    const seen: number[] = [];
    let writing = true;
    const follow = async () => {
      for (let last = 0; ;) {
        const done = !writing;
        const found = await other.outbox.list(last, 50);
        seen.push(...found.map(({ id }) => id));
        last = found.at(-1)?.id ?? last;
        if (done && found.length === 0) return;
      }
    };
    const following = follow();
    await Promise.all(
      count(8).map(async (writer) => {
        for (const i of count(25)) {
          const { repositories } = writer % 2 === 0 ? one : other;
          const repository = (writer % 3 === 0 ? beta : `team/w${writer}`) as RepositoryName;
          const tags = count(writer).map((t) => ({ name: tag(`t${t}`), was: "any" as const }));
          await repositories.putManifest(manifest(repository, `m${writer}-${i}`, { tags }));
        }
      }),
    );
    writing = false;
    await following;
    const all = (await one.outbox.latest(100_000)).map(({ id }) => id).reverse();
    assert.equal(all.length, 25 * (1 + 1 + 2 + 3 + 4 + 5 + 6 + 7));
    assert.deepEqual(seen, all);
  });

  test("an event is hidden from followers until those before it are there", async () => {
    const database = await server.database();
    await using metadata = await openOn(database);
    const { outbox } = metadata;
    const event = (at: number) => ({ at, action: "start", subject: "box", count: 1 }) as const;
    await outbox.append([event(1)]);
    // Another server's transaction, under way: it has its lock and its id, and takes its time.
    const { default: pg } = await import("pg");
    const { addEventRows } = await import("#adapters/postgres/event-rows.ts");
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      await slow.query("BEGIN");
      await addEventRows(
        {
          change: async (text, values) => (await slow.query(text, [...(values ?? [])])).rowCount ?? 0,
          rows: () => Promise.reject(new Error("not used")),
          row: () => Promise.reject(new Error("not used")),
        },
        [event(2)],
      );
      await outbox.append([event(3)]);
      const times = async () => (await outbox.list(0, 9)).map(({ at }) => at);
      assert.deepEqual(await times(), [1]);
      assert.deepEqual(
        (await outbox.latest(9)).map(({ at }) => at),
        [1],
      );
      await slow.query("COMMIT");
      assert.deepEqual(await times(), [1, 2, 3]);
    } finally {
      await slow.end();
    }
  });
});
