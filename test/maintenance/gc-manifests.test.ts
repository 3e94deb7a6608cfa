import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import { engineRepository } from "#core/engine-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { oci } from "../harness/registry-content.ts";
import { counts, day, openRoom, other, team, type Room } from "./gc-room.ts";

const has = async (room: Room, repository: RepositoryName, digest: Digest) =>
  (await room.repositories.manifestFacts(repository, digest)) !== undefined;

test("untagged manifests are kept unless a rule says otherwise; the first that matches holds", async (t) => {
  const room = await openRoom(t);
  const kept = await room.put(team, room.image());
  const gone = await room.put(other, room.image());
  const tagged = await room.put(other, room.image(), "v1");
  assert.deepEqual(counts(await room.later(30 * day)), {});
  room.set({
    untagged: [
      { repositories: ["team/**"], after: undefined },
      { repositories: ["**"], after: 2 * day },
    ],
  });
  const report = await room.run();
  assert.deepEqual(counts(report), { untagged: 1 });
  assert.deepEqual(report.reasons[0]?.repositories, [{ repository: other, count: 1, examples: [gone] }]);
  assert.deepEqual([await has(room, team, kept), await has(room, other, tagged)], [true, true]);
  await room.settle();
  assert.deepEqual([await has(room, team, kept), await has(room, other, tagged)], [true, true]);
});

test("a manifest counts as untagged from when its tag moved, for as long as the rule says", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 7 * day }] });
  const first = await room.put(team, room.image(), "latest");
  room.now += 30 * day;
  await room.put(team, room.image(), "latest");
  assert.deepEqual(counts(await room.later(7 * day)), {});
  assert.ok(await has(room, team, first));
  assert.deepEqual(counts(await room.later(1)), { untagged: 1 });
  assert.ok(!(await has(room, team, first)));
});

test("a rule never goes below the grace", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  await room.put(team, room.image());
  assert.deepEqual(counts(await room.later(day)), {});
  assert.deepEqual(counts(await room.later(1)), { untagged: 1 });
});

test("an index keeps its children, and lets them go one grace after it went", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const children = [room.image(), room.image()];
  for (const child of children) await room.put(team, child);
  const index = oci.index({ manifests: children.map(({ descriptor }) => descriptor) });
  const digest = await room.put(team, index, "multi");
  assert.deepEqual(counts(await room.later(10 * day)), {});
  await room.remove(team, digest);
  assert.deepEqual(counts(await room.later(day)), {});
  assert.deepEqual(counts(await room.later(1)), { untagged: 2 });
  assert.deepEqual(counts(await room.later(day + 1)), { unused: 4 });
  await room.settle();
  assert.deepEqual(await room.files(), []);
});

test("referrers go with their subject; one with a tag of its own stays, and so do all by the other rule", async (t) => {
  const room = await openRoom(t);
  const image = room.image();
  const digest = await room.put(team, image, "v1");
  const signature = await room.put(team, room.image(image.descriptor));
  const tagged = await room.put(team, room.image(image.descriptor), "sbom");
  // Of a signature: a chain.
  const counter = room.image(room.image(image.descriptor).descriptor);
  const early = await room.put(team, counter);
  assert.deepEqual(counts(await room.later(day)), {});
  // A referrer whose subject never came.
  assert.deepEqual(counts(await room.later(1)), { referrer: 1 });
  assert.ok(!(await has(room, team, early)));
  assert.ok(await has(room, team, signature));
  await room.remove(team, digest);
  room.set({ referrers: "keep" });
  assert.deepEqual(counts(await room.later(2 * day)), { unused: 4 });
  assert.ok(await has(room, team, signature));
  room.set({ referrers: "with-subject" });
  assert.deepEqual(counts(await room.run()), { referrer: 1 });
  assert.deepEqual([await has(room, team, signature), await has(room, team, tagged)], [false, true]);
});

test("a HEAD of an untagged manifest keeps it for another grace", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const digest = await room.put(team, room.image());
  room.now += day;
  assert.equal(await room.garbage.touch(team, "manifest", digest, room.now, 1000), true);
  assert.deepEqual(counts(await room.later(day)), {});
  assert.deepEqual(counts(await room.later(1)), { untagged: 1 });
});

test("cached content and images of an engine are no garbage", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const cached = cachedName("docker.io/library/alpine" as RepositoryName);
  const engine = engineRepository("e1");
  const here = await room.put(cached, room.image());
  const image = room.image();
  const held = await room.put(engine, image);
  await room.later(30 * day);
  await room.later(30 * day);
  assert.deepEqual([await has(room, cached, here), await has(room, engine, held)], [true, true]);
  for (const { digest } of image.blobs) assert.ok(await room.repositories.blob(engine, digest as Digest));
});

const signatureOf = (digest: Digest, ending = "sig") => `${digest.replace(":", "-")}.${ending}`;

test("signature tags go a grace after their subject, and may come back like any removed tag", async (t) => {
  const room = await openRoom(t);
  const digest = await room.put(team, room.image(), "v1");
  await room.put(team, room.image(), "v2");
  for (const ending of ["sig", "att", "sbom", "txt"])
    await room.put(team, room.image(), signatureOf(digest, ending));
  assert.deepEqual(counts(await room.later(5 * day)), {});
  await room.remove(team, digest);
  const told = await room.run({ dryRun: true });
  const report = await room.run();
  assert.deepEqual(counts(report), { signature: 3 });
  assert.deepEqual(told.reasons, report.reasons);
  assert.deepEqual(await room.repositories.tags(team, { limit: 9, last: undefined }), [
    signatureOf(digest, "txt"),
    "v2",
  ]);
  const removed = await room.metadata.tagRoom.removed(team, { limit: 9, after: undefined });
  assert.deepEqual(
    removed.map(({ removedBy, rule }) => [removedBy, rule]),
    Array<string[]>(3).fill(["garbage collection", "garbage collection"]),
  );
});

test("signatures kept apart from their images, fresh ones and pinned ones stay", async (t) => {
  const room = await openRoom(t);
  const image = await room.put(team, room.image(), "v1");
  const apart = "signatures/all" as RepositoryName;
  await room.put(apart, room.image(), signatureOf(image));
  await room.later(2 * day);
  assert.equal((await room.repositories.tags(apart, { limit: 9, last: undefined })).length, 1);
  await room.put(team, room.image(), signatureOf(room.image().digest as Digest));
  const pinned = signatureOf(room.image().digest as Digest) as Tag;
  await room.put(team, room.image(), pinned);
  await room.metadata.tagRoom.pin(team, pinned, true, room.now, undefined);
  assert.deepEqual(counts(await room.later(day)), {});
  assert.deepEqual(counts(await room.later(1)), { signature: 1 });
  assert.ok((await room.repositories.tags(team, { limit: 9, last: undefined })).includes(pinned));
});

test("a signature tag that is immutable, or was pushed again meanwhile, stays", async (t) => {
  const immutable = signatureOf(oci.image().digest as Digest);
  const again = signatureOf(oci.image().digest as Digest);
  const room = await openRoom(t, ({ tagRoom }) => ({
    immutable: (_, tag) => (tag === immutable ? "sha256-*" : undefined),
    tagRoom: {
      ...tagRoom,
      async remove(removal) {
        await room.manifest(team, image, again);
        return await tagRoom.remove(removal);
      },
    },
  }));
  const image = room.image();
  await room.put(team, image, "v1", immutable, again);
  assert.deepEqual(counts(await room.later(2 * day)), {});
  assert.deepEqual(
    [...(await room.repositories.tags(team, { limit: 9, last: undefined }))].sort(),
    [immutable, again, "v1"].sort(),
  );
});
