import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { digestOf } from "#oci/digest.ts";
import { openOn } from "../adapters/postgres/place.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../harness/postgres.ts";
import { freshBytes, oci } from "../harness/registry-content.ts";
import { counts, day, minute, openRoom, other, team } from "./gc-room.ts";

describe("garbage collection with PostgreSQL", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("finds all that it finds with SQLite, and a dry run says the same before", async (t) => {
    await using metadata = await openOn(await server.database());
    const room = await openRoom(t, () => ({}), { metadata });
    room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
    const image = room.image();
    await room.put(team, image, "v1");
    const referrer = room.image(image.descriptor);
    await room.put(team, referrer);
    const index = oci.index({ manifests: [room.image().descriptor] });
    const children = [room.image(), room.image()];
    for (const child of children) await room.put(other, child);
    await room.put(other, oci.index({ manifests: children.map(({ descriptor }) => descriptor) }), "multi");
    const subject = await room.put(other, room.image(), "signed");
    await room.put(other, room.image(), `${subject.replace(":", "-")}.sig`);
    await room.remove(other, subject);
    await room.put(other, room.image());
    await room.put(team, room.image(index.descriptor));
    const both = await room.blob(team);
    await room.repositories.mount(other, both, team, room.now, undefined);
    const unlinked = await room.blob(team);
    await room.repositories.unlinkBlob(team, unlinked, room.now, undefined);
    const stray = freshBytes(70);
    await room.store.put(digestOf("sha256", stray), stray);
    await room.run();
    room.now += day + 1;
    const told = await room.run({ dryRun: true });
    const done = await room.run();
    assert.deepEqual(done.reasons, told.reasons);
    assert.deepEqual(counts(done), { signature: 1, untagged: 1, referrer: 1, unused: 5, stray: 1 });
    assert.equal(done.waiting.blobs, 5);
    assert.equal((await room.later(minute + 1)).freed.bytes, done.waiting.bytes);
    assert.equal(await metadata.tagRoom.forget(room.now + 1, 9, room.now), 1);
    await room.settle();
    const kept = [image, referrer, ...children].flatMap(({ blobs }) => blobs);
    assert.equal((await room.files()).length, kept.length);
    for (const { digest } of kept) assert.ok(await metadata.repositories.recordedBlob(digest as typeof both));
  });
});
