import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pulled } from "#core/metadata/cached-content.ts";
import { createPulls } from "#pull-through/pulls.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

const repository = "docker.io/library/busybox!" as RepositoryName;
const digest = (n: number): Digest => digestOf("sha256", Buffer.from(String(n)));
const never = 3_600_000;
const onFailed = (error: unknown) => assert.fail(String(error));

/** A place that pulls are written to, which may fail. */
class Place {
  readonly written: Pulled[][] = [];
  fails = false;

  async pulled(pulls: Pulled[]): Promise<void> {
    await Promise.resolve();
    if (this.fails) throw new Error("away");
    this.written.push(pulls);
  }
}

test("pulls are written in batches when it is disposed, each once with its last time", async () => {
  const cached = new Place();
  let now = 0;
  {
    await using pulls = createPulls({ cached, clock: () => ++now, every: never, onFailed });
    for (let n = 0; n < 1_200; n++) pulls.note(repository, digest(n));
    pulls.note(repository, digest(0));
    assert.equal(cached.written.length, 0);
  }
  assert.deepEqual(
    cached.written.map((batch) => batch.length),
    [500, 500, 200],
  );
  assert.deepEqual(cached.written.at(-1)?.at(-1), { repository, digest: digest(0), at: 1_201 });
});

test("they are written from time to time without anybody asking", async () => {
  const written = Promise.withResolvers<Pulled[]>();
  await using pulls = createPulls({
    cached: { pulled: (batch) => Promise.resolve(written.resolve(batch)) },
    clock: () => 7,
    every: 1,
    onFailed,
  });
  pulls.note(repository, digest(1));
  const alive = setTimeout(() => undefined, 10_000);
  assert.deepEqual(await written.promise, [{ repository, digest: digest(1), at: 7 }]);
  clearTimeout(alive);
});

test("what couldn't be written is told once, kept and written later; what came since wins", async () => {
  const cached = new Place();
  cached.fails = true;
  const told = Promise.withResolvers<unknown>();
  let times = 0;
  let now = 1;
  {
    await using pulls = createPulls({
      cached,
      clock: () => now,
      every: 1,
      onFailed(error) {
        times++;
        told.resolve(error);
      },
    });
    const alive = setTimeout(() => undefined, 10_000);
    pulls.note(repository, digest(1));
    pulls.note(repository, digest(2));
    assert.match(String(await told.promise), /away/);
    clearTimeout(alive);
    now = 2;
    pulls.note(repository, digest(1));
    cached.fails = false;
  }
  assert.equal(times, 1);
  assert.deepEqual(cached.written.flat(), [
    { repository, digest: digest(2), at: 1 },
    { repository, digest: digest(1), at: 2 },
  ]);
});

test("when too many wait, the oldest are forgotten", async () => {
  const cached = new Place();
  {
    await using pulls = createPulls({ cached, clock: () => 1, every: never, onFailed });
    for (let n = 0; n < 20_010; n++) pulls.note(repository, digest(n));
  }
  const kept = cached.written.flat();
  assert.equal(kept.length, 20_000);
  assert.equal(kept[0]?.digest, digest(10));
});
