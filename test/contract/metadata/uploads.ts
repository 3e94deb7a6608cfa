import assert from "node:assert/strict";
import { test } from "node:test";
import type { UploadHandle } from "#core/blob-store.ts";
import { alpha, beta, digest, upload, type Open } from "./content.ts";

export function uploadContract(open: Open): void {
  test("a session is found as it was begun, at offset 0", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    const session = upload("u1", { repository: beta, owner: "somebody", algorithm: "sha512", startedAt: 77 });
    await uploads.begin(session);
    await uploads.begin(upload("u2"));
    assert.deepEqual(await uploads.find("u1"), { ...session, offset: 0, soFar: undefined, touchedAt: 77 });
    assert.equal((await uploads.find("u2"))?.owner, undefined);
    assert.equal(await uploads.find("u3"), undefined);
    assert.equal(await uploads.count(), 2);
  });

  test("progress is kept, and an unknown digest is kept as unknown", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    for (const soFar of [digest("so far"), undefined]) {
      await uploads.claim("u1", "me", 0, 100);
      await uploads.progress("u1", "me", { offset: 2 ** 40, soFar, touchedAt: 5 });
      const session = await uploads.find("u1");
      assert.deepEqual([session?.offset, session?.soFar, session?.touchedAt], [2 ** 40, soFar, 5]);
    }
  });

  test("an ended session is gone, once", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1"));
    const ends = await Promise.all([uploads.end("u1"), uploads.end("u1")]);
    assert.deepEqual(ends.sort(), [false, true]);
    assert.equal(await uploads.find("u1"), undefined);
    assert.equal(await uploads.count(), 0);
  });

  test("a handle is known while its session lives", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    const handle = "some handle" as UploadHandle;
    assert.equal(await uploads.knows(handle), false);
    await uploads.begin(upload("u1", { handle }));
    assert.equal(await uploads.knows(handle), true);
    await uploads.end("u1");
    assert.equal(await uploads.knows(handle), false);
  });

  test("sessions expire by when they were last touched, a limited number at a time", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    for (let i = 0; i < 5; i++) await uploads.begin(upload(`old${i}`, { startedAt: 100 + i }));
    await uploads.begin(upload("touched", { startedAt: 1 }));
    await uploads.claim("touched", "me", 0, 10);
    await uploads.progress("touched", "me", { offset: 1, soFar: undefined, touchedAt: 500 });
    await uploads.begin(upload("edge", { startedAt: 300 }));
    const first = await uploads.expire(300, 1000, 3);
    assert.equal(first.length, 3);
    const rest = await uploads.expire(300, 1000, 3);
    assert.equal(rest.length, 2);
    assert.deepEqual(await uploads.expire(300, 1000, 3), []);
    const expired = [...first, ...rest].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(
      expired,
      Array.from({ length: 5 }, (_, i) => ({ id: `old${i}`, handle: `handle-old${i}` })),
    );
    assert.equal(await uploads.find("old0"), undefined);
    assert.notEqual(await uploads.find("touched"), undefined);
    assert.notEqual(await uploads.find("edge"), undefined);
  });

  test("a claimed session doesn't expire until its claim ran out", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    await uploads.begin(upload("u1", { startedAt: 1 }));
    await uploads.claim("u1", "me", 1000, 2000);
    assert.deepEqual(await uploads.expire(500, 1500, 10), []);
    assert.notEqual(await uploads.find("u1"), undefined);
    assert.equal((await uploads.expire(500, 2000, 10)).length, 1);
    assert.equal(await uploads.renew("u1", "me", 3000), false);
  });

  test("since when each repository has uploads, and how many nobody touched for so long", async () => {
    await using metadata = await open();
    const { uploads } = metadata;
    assert.deepEqual(await uploads.oldest(), []);
    for (const [id, repository, startedAt] of [
      ["u1", alpha, 30],
      ["u2", alpha, 20],
      ["u3", beta, 40],
    ] as const)
      await uploads.begin(upload(id, { repository, startedAt }));
    assert.deepEqual(
      (await uploads.oldest()).map(({ repository, startedAt }) => [repository, startedAt]).sort(),
      [
        [alpha, 20],
        [beta, 40],
      ],
    );
    assert.deepEqual([await uploads.stale(20), await uploads.stale(31)], [0, 2]);
  });
}
