import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { freshBytes, oci } from "../harness/registry-content.ts";
import { day, hour, minute, openRoom, other, team, type Room } from "./gc-room.ts";

const rounds = 8;
const clients = 4;
const layers = Array.from({ length: 6 }, (_, i) => Buffer.from(`base layer ${i}`.repeat(20)));

/** A push as docker does it: HEAD of each blob, which is mounted or sent where it isn't there; then the manifest. */
async function push(room: Room, repository: RepositoryName, tag: string, pick: number): Promise<void> {
  const base = [layers[pick % layers.length], layers[(pick + 1) % layers.length]] as Buffer[];
  const image = oci.image({ layers: [...base, freshBytes(50)] });
  for (const { bytes, digest } of image.blobs) {
    const known = await room.garbage.touch(repository, "blob", digest as Digest, room.now, minute);
    if (known) continue;
    const from = repository === team ? other : team;
    const mounted = await room.repositories.mount(repository, digest as Digest, from, room.now, undefined);
    if (mounted === undefined) await room.blob(repository, bytes);
  }
  await room.manifest(repository, image, tag);
}

async function assertPullable(room: Room, repository: RepositoryName): Promise<number> {
  const tags = await room.repositories.tags(repository, { limit: 999, last: undefined });
  for (const tag of tags) {
    const manifest = await room.repositories.manifest(repository, tag);
    assert.ok(manifest, tag);
    const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString()) as Record<string, never> & {
      config: { digest: Digest };
      layers: { digest: Digest }[];
    };
    for (const { digest } of [config, ...layers]) {
      const blob = await room.repositories.blob(repository, digest);
      assert.ok(blob, `${tag} lacks ${digest}`);
      assert.ok(room.isStored(blob.location), `${digest} of ${tag} isn't stored`);
    }
  }
  return tags.length;
}

test("pushes, mounts, retags and deletes go on while garbage is collected, and all that is tagged can be pulled", async (t) => {
  // Files have the real time: what is just being written isn't old by a clock that is days ahead.
  const none = () => Promise.resolve(0);
  const room = await openRoom(t, ({ uploads }) => ({ uploads: { ...uploads, purge: none, stale: none } }));
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  for (let round = 0; round < rounds; round++) {
    let pushing = true;
    const collecting = (async () => {
      // A push takes less than the grace: in all of them together less than that goes by.
      for (let i = 0; pushing || i < 2; i++) {
        if (i < 20) room.now += hour;
        await room.run();
      }
    })();
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const repository = client % 2 === 0 ? team : other;
        for (let i = 0; i < 3; i++) await push(room, repository, `c${client}-${i}`, round + client + i);
        if (round % 2 === 1)
          await room.repositories.deleteTag(repository, `c${client}-0` as Tag, {}, room.now, undefined);
      }),
    );
    pushing = false;
    await collecting;
    await assertPullable(room, team);
    await assertPullable(room, other);
    // Nobody pushes for a while: what the last round let go goes.
    await room.later(day + hour);
    await room.later(day + hour);
    await assertPullable(room, team);
  }
  await room.metadata.tagRoom.forget(room.now + 1, 999, room.now);
  await room.settle();
  const tags = (await assertPullable(room, team)) + (await assertPullable(room, other));
  assert.equal(tags, 2 * clients);
  const recorded = await room.repositories.recordedBlobs({ limit: 999, last: undefined });
  assert.equal((await room.files()).length, recorded.length);
});
