import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { operator, user } from "../../contract/metadata/account-content.ts";
import { alice } from "../../contract/metadata/audit-content.ts";
import {
  alpha,
  beta,
  blob,
  digest,
  latest,
  layer,
  location,
  manifest,
  tag,
  upload,
} from "../../contract/metadata/content.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

interface Pair extends AsyncDisposable {
  both: [Metadata, Metadata];
}

const count = (length: number) => Array.from({ length }, (_, i) => i);

describe("two servers on one database", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  async function pair(): Promise<Pair> {
    const database = await server.database();
    const both: Pair["both"] = [await openOn(database), await openOn(database)];
    return {
      both,
      [Symbol.asyncDispose]: async () => {
        for (const each of both) await each[Symbol.asyncDispose]();
      },
    };
  }

  test("of many puts that saw no tag one wins, in a repository that nobody made before", async () => {
    await using two = await pair();
    for (const round of count(10)) {
      const repository = `new/r${round}` as RepositoryName;
      const outcomes = await Promise.all(
        count(6).map((i) =>
          two.both[i % 2 === 0 ? 0 : 1].repositories.putManifest(
            manifest(repository, `m${i}`, { tags: [{ name: latest, was: "absent" }], by: alice }),
          ),
        ),
      );
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), [
        ...Array<string>(5).fill("changed"),
        "stored",
      ]);
      const is = (await two.both[0].repositories.manifestFacts(repository, latest))?.digest;
      for (const outcome of outcomes)
        if (outcome.outcome === "changed") assert.deepEqual(outcome, { ...outcome, reference: latest, is });
    }
    assert.deepEqual((await two.both[1].repositories.count()).manifests, 10);
  });

  test("puts that take away each other's tags leave every tag at one manifest", async () => {
    await using two = await pair();
    const names = ["a", "b", "c", "d"].map(tag);
    await Promise.all(
      count(40).map((i) => {
        const order = i % 2 === 0 ? names : [...names].reverse();
        const tags = order.map((name) => ({ name, was: "any" as const }));
        return two.both[i % 2 === 0 ? 0 : 1].repositories.putManifest(
          manifest(alpha, `m${i}`, { tags, by: alice }),
        );
      }),
    );
    const [{ repositories }] = two.both;
    const at = await Promise.all(names.map((name) => repositories.manifestFacts(alpha, name)));
    assert.equal(new Set(at.map((facts) => facts?.digest)).size, 1);
  });

  test("a blob that a manifest begins to use while it is unlinked is either used or gone", async () => {
    await using two = await pair();
    const [one, other] = two.both;
    for (const round of count(25)) {
      const text = `x${round}`;
      await one.repositories.addBlob(blob(alpha, text));
      const [put, unlinked] = await Promise.all([
        one.repositories.putManifest(manifest(alpha, `m${round}`, { references: [layer(text)] })),
        other.repositories.unlinkBlob(alpha, digest(text), 1, undefined),
      ]);
      const used = put.outcome === "stored";
      assert.equal(unlinked.outcome, used ? "in-use" : "unlinked", put.outcome);
      assert.equal((await one.repositories.blob(alpha, digest(text))) !== undefined, used);
    }
  });

  test("pushes, mounts and unlinks of one blob in many repositories at once agree in the end", async () => {
    await using two = await pair();
    const names = count(6).map((i) => `team/r${i}` as RepositoryName);
    const redundant: string[] = [];
    let pushes = 0;
    await Promise.all(
      count(90).map(async (i) => {
        const { repositories } = two.both[i % 2 === 0 ? 0 : 1];
        const repository = names[i % names.length] ?? alpha;
        if (i % 3 === 0) {
          pushes++;
          const place = location(`at/${i}`);
          const answer = await repositories.addBlob(
            blob(repository, "x", { location: place, now: i, by: alice }),
          );
          if (answer.redundant !== undefined) redundant.push(answer.redundant);
        } else if (i % 3 === 1) await repositories.mount(repository, digest("x"), undefined, i, alice);
        else await repositories.unlinkBlob(repository, digest("x"), i, alice);
      }),
    );
    assert.equal(redundant.length, pushes - 1, "one location is kept, all others are told");
    const [{ repositories }] = two.both;
    const holders = await repositories.holders(digest("x"), { limit: 99, last: undefined });
    assert.equal((await repositories.anyBlob(digest("x"))) !== undefined, holders.length > 0);
    const recorded = await repositories.recordedBlob(digest("x"));
    assert.ok(recorded && !redundant.includes(recorded.location));
  });

  test("one of two servers gets an upload; the other goes on with it after", async () => {
    await using two = await pair();
    const [one, other] = two.both;
    for (const round of count(20)) {
      const id = `u${round}`;
      await one.uploads.begin(upload(id));
      const claims = await Promise.all(
        count(6).map((i) => two.both[i % 2 === 0 ? 0 : 1].uploads.claim(id, `h${i}`, 0, 100)),
      );
      const winner = claims.findIndex((claim) => claim !== "busy");
      assert.equal(claims.filter((claim) => claim !== "busy").length, 1);
      const [holder, next] = winner % 2 === 0 ? [one, other] : [other, one];
      await assert.rejects(
        next.repositories.addBlob(blob(alpha, id, { upload: { id, holder: "somebody" }, now: 5 })),
        { code: "upload-busy" },
      );
      await holder.uploads.progress(id, `h${winner}`, { offset: 7, soFar: undefined, touchedAt: 8 });
      const session = await next.uploads.claim(id, "next", 9, 100);
      assert.ok(session !== "busy" && session?.offset === 7);
      await next.repositories.addBlob(blob(alpha, id, { upload: { id, holder: "next" }, now: 10 }));
      assert.equal(await holder.uploads.find(id), undefined);
    }
    assert.equal(await one.uploads.count(), 0);
  });

  test("a session is claimed or expires, and each expires once", async () => {
    await using two = await pair();
    const [one, other] = two.both;
    await Promise.all(count(30).map((i) => one.uploads.begin(upload(`u${i}`, { startedAt: 1 }))));
    const [claims, first, second] = await Promise.all([
      Promise.all(count(10).map((i) => one.uploads.claim(`u${i}`, "me", 50, 1000))),
      one.uploads.expire(40, 60, 15),
      other.uploads.expire(40, 60, 15),
    ]);
    const expired = [...first, ...second].map(({ id }) => id);
    assert.equal(new Set(expired).size, expired.length);
    for (const [i, claim] of claims.entries())
      assert.equal(claim === undefined, expired.includes(`u${i}`), `u${i}`);
    assert.equal(await other.uploads.count(), 30 - expired.length);
  });

  test("many wrong passwords over two servers can't slip through", async () => {
    await using two = await pair();
    const waits = await Promise.all(
      count(50).map((i) => two.both[i % 2 === 0 ? 0 : 1].logins.attempt("alice", "10.0.0.1", 5)),
    );
    assert.equal(waits.filter((wait) => wait === 0).length, 5);
    await two.both[0].logins.succeeded("alice", "10.0.0.1");
    assert.equal(await two.both[1].logins.attempt("alice", "10.0.0.1", 6), 0);
  });

  test("names with whatever people type are remembered, too", async () => {
    await using two = await pair();
    const names = ["\0", "a\0b", "\ud800", "'; DROP TABLE login_memory; --", "x".repeat(100_000)];
    for (const [i, name] of names.entries()) {
      const address = `10.0.0.${i}\0`;
      for (const _ of count(5)) assert.equal(await two.both[0].logins.attempt(name, address, 5), 0);
      assert.ok((await two.both[1].logins.attempt(name, address, 5)) > 0);
      await two.both[0].logins.succeeded(name, address);
      assert.equal(await two.both[0].accounts.byName(name), undefined);
    }
  });

  test("what is remembered of logins is swept up now and then, and stays bounded", async () => {
    const database = await server.database();
    await using metadata = await openOn(database);
    const now = 1e9;
    await database.sql(
      `INSERT INTO login_memory SELECT 'pair', 'old' || i, 1, 0, ${now} - 16 * 60000 FROM generate_series(1, 500) i;
       INSERT INTO login_memory SELECT 'address', 'many' || i, 1, ${now}, ${now} - i FROM generate_series(1, 12000) i`,
    );
    for (const i of count(200)) await metadata.logins.attempt(`user${i}`, `10.1.0.${i}`, now);
    const left = await database.sql<{ kind: string; count: string }>(
      "SELECT kind, count(*) FROM login_memory WHERE key ~ '^(old|many)' GROUP BY kind",
    );
    assert.deepEqual(
      left.map(({ kind }) => kind),
      ["address"],
    );
    assert.ok(Number(left[0]?.count) < 10_000);
    assert.ok(Number(left[0]?.count) > 9_700);
  });

  test("two servers can't remove the last two admins", async () => {
    await using two = await pair();
    const [one, other] = two.both;
    const ids: number[] = [];
    for (const name of ["a", "b"]) {
      const id = await one.accounts.add(user(name, { admin: true }), operator, 1);
      assert.ok(typeof id === "number");
      ids.push(id);
    }
    const [a = 0, b = 0] = ids;
    for (const round of count(10)) {
      const outcomes = await Promise.all([
        one.accounts.change(a, { admin: false }, operator, 2),
        other.accounts.change(b, { enabled: false }, operator, 2),
      ]);
      assert.deepEqual(outcomes.map(String).sort(), ["last-admin", "true"], `round ${round}`);
      for (const id of ids) await one.accounts.change(id, { admin: true, enabled: true }, operator, 3);
    }
  });

  test("who follows the audit log misses nothing, however transactions overlap", async () => {
    await using two = await pair();
    const [one, other] = two.both;
    const seen: number[] = [];
    let writing = true;
    const follow = async () => {
      let last = 0;
      for (;;) {
        const done = !writing;
        const found = await other.audit.list({}, last, 50);
        seen.push(...found.map(({ id }) => id));
        last = found.at(-1)?.id ?? last;
        if (done && found.length === 0) return;
      }
    };
    const following = follow();
    await Promise.all(
      count(8).map(async (writer) => {
        for (const i of count(25)) {
          const { repositories } = two.both[writer % 2 === 0 ? 0 : 1];
          const repository = (writer % 3 === 0 ? beta : `team/w${writer}`) as RepositoryName;
          const tags = count(writer).map((t) => ({ name: tag(`t${t}`), was: "any" as const }));
          await repositories.putManifest(manifest(repository, `m${writer}-${i}`, { by: alice, tags }));
        }
      }),
    );
    writing = false;
    await following;
    const all = (await one.audit.latest({}, 100_000)).map(({ id }) => id);
    assert.equal(all.length, 8 * 25 * (1 + 3.5));
    assert.deepEqual(seen, all);
  });

  test("one row is hidden from followers until those before it are there", async () => {
    const database = await server.database();
    await using metadata = await openOn(database);
    await metadata.audit.append([{ ...alice, action: "denied", at: 1, count: 1 }]);
    // Another server's transaction, under way: it has its lock and its id, and takes its time.
    const { default: pg } = await import("pg");
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      await slow.query("BEGIN");
      const { lockNextIds } = await import("#adapters/postgres/audit-order.ts");
      await lockNextIds({
        rows: async <Row>(text: string) => (await slow.query(text)).rows as Row[],
        row: () => Promise.reject(new Error("not used")),
        change: () => Promise.reject(new Error("not used")),
      });
      await slow.query(
        "INSERT INTO audit (at, action, actor, kind, address, request, rule, count) " +
          "VALUES (2, 'denied', 'slow', 'user', '', '', '', 1)",
      );
      await metadata.audit.append([{ ...alice, action: "denied", at: 3, count: 1 }]);
      const times = async () => (await metadata.audit.list({}, 0, 9)).map(({ at }) => at);
      assert.deepEqual(await times(), [1]);
      assert.deepEqual(
        (await metadata.audit.latest({}, 9)).map(({ at }) => at),
        [1],
      );
      await slow.query("COMMIT");
      assert.deepEqual(await times(), [1, 2, 3]);
    } finally {
      await slow.end();
    }
    await assert.rejects(database.sql("UPDATE audit SET at = 0"), /append-only/);
  });
});
