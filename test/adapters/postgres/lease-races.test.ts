import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Metadata } from "#core/metadata/metadata.ts";
import {
  needsPostgres,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

const count = (length: number) => Array.from({ length }, (_, i) => i);

describe("leases that two servers race for", needsPostgres(), () => {
  let server: TestPostgres;
  let database: TestDatabase;
  let one: Metadata;
  let other: Metadata;
  before(async () => {
    server = await startPostgres();
    database = await server.database();
    [one, other] = [await openOn(database), await openOn(database)];
  });
  after(async () => {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const at = (i: number) => (i % 2 === 0 ? one : other).leases;

  test("of many takers one wins, and the fence grows with each", async () => {
    let fence = 0;
    for (const round of count(20)) {
      const got = await Promise.all(count(6).map((i) => at(i).take("upkeep", `h${round}-${i}`, 60_000)));
      const [lease, ...more] = got.filter((each) => each !== undefined);
      assert.ok(lease && lease.fence > fence);
      assert.deepEqual(more, []);
      fence = lease.fence;
      assert.deepEqual(await other.leases.held("up"), ["upkeep"]);
      await one.leases.release(lease);
    }
  });

  test("one that runs out meanwhile goes to one of them", async () => {
    for (const round of count(5)) {
      const name = `gc${round}`;
      const old = await one.leases.take(name, "old", 50);
      let over = false;
      const race = async (i: number) => {
        for (let tries = 0; tries < 500 && !over; tries++) {
          const lease = await at(i).take(name, `h${i}`, 60_000);
          if (lease === undefined) continue;
          over = true;
          return lease;
        }
        return undefined;
      };
      const got = (await Promise.all([race(0), race(1), race(2), race(3)])).filter(
        (lease) => lease !== undefined,
      );
      assert.deepEqual(
        got.map(({ fence }) => fence > (old?.fence ?? NaN)),
        [true],
      );
    }
  });

  test("what ended doesn't pile up, however many come and go at once", async () => {
    const fences: number[] = [];
    await Promise.all(
      count(8).map(async (i) => {
        for (const round of count(10)) {
          const lease = await at(i).take(`backup/${i % 4}`, `h${i}`, 60_000);
          if (lease === undefined) continue;
          if (i % 4 === 0) fences.push(lease.fence);
          await at(i + round).release(lease);
        }
      }),
    );
    assert.equal(new Set(fences).size, fences.length, "each holder of one name has a fence of its own");
    const rows = await database.sql("SELECT 1 FROM leases WHERE until = 0");
    assert.ok(rows.length <= 8, `${rows.length} rows`);
  });
});
