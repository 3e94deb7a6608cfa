import assert from "node:assert/strict";
import { test } from "node:test";
import { engineRepository, holdTag } from "#core/engine-name.ts";
import type { Tag } from "#oci/reference.ts";
import { child, digest, manifest } from "../../contract/metadata/content.ts";
import { app, openRetention, type RetentionRoom } from "./room.ts";

const none = "[{ name: all, repositories: team/*, keep: none }]";
const short = async (room: RetentionRoom, rules: string, immutable?: string) =>
  (await room.decisions(rules, immutable)).map(({ name, kept, why }) => [name, kept, why]);

test("an immutable tag stays, whatever a rule says", async (t) => {
  const room = await openRetention(t);
  for (const name of ["v1", "x"]) await room.push(name, 90);
  assert.deepEqual(await short(room, none, "v1"), [
    ["v1", true, "immutable (** v1)"],
    ["x", false, "the rule keeps none"],
  ]);
});

test("a pinned tag stays, also one that is pinned between the decision and its removal", async (t) => {
  const room = await openRetention(t);
  for (const name of ["a", "b", "c"]) await room.push(name, 90);
  const { tagRoom } = room.metadata;
  await tagRoom.pin(app, "a" as Tag, true, room.now, undefined);
  assert.deepEqual(await room.removes(none), ["b", "c"]);
  const retention = room.retention(none, {
    tagRoom: {
      ...tagRoom,
      async heldByEngines(digests, repository) {
        await tagRoom.pin(app, "b" as Tag, true, room.now, undefined);
        return tagRoom.heldByEngines(digests, repository);
      },
    },
  });
  const { removed, kept } = await retention.run(new AbortController().signal, { removed: () => undefined });
  assert.deepEqual([removed, kept, await room.tags()], [1, 2, ["a", "b"]]);
});

test("an image of the engine stays, by each of its tags, and so does the index that it is from", async (t) => {
  const room = await openRetention(t);
  await room.push("image", 90, { text: "held" });
  await room.push("again", 90, { text: "held" });
  await room.push("free", 90);
  const tags = [{ name: "index" as Tag, was: "any" as const }];
  await room.metadata.repositories.putManifest(
    manifest(app, "index", { tags, references: [child("held")], now: 1 }),
  );
  await room.metadata.repositories.putManifest(
    manifest(engineRepository("one"), "held", { tags: [{ name: holdTag(digest("held")), was: "any" }] }),
  );
  const stays = "an image of the engine";
  assert.deepEqual(await short(room, none), [
    ["again", true, stays],
    ["free", false, "the rule keeps none"],
    ["image", true, stays],
    ["index", true, stays],
  ]);
});

test("signatures go with what they are about, and take no image's place", async (t) => {
  const room = await openRetention(t);
  await room.push("old", 90);
  await room.push("image", 10);
  const signature = `${digest("image").replace(":", "-")}.sig`;
  await room.push(signature, 1);
  await room.push(`sha512-${"0".repeat(64)}`, 1);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { newest: 1 } }]"), ["old"]);
  assert.deepEqual(await room.removes(none), ["image", "old"]);
  const why = (await room.decisions(none)).find(({ name }) => name === signature)?.why;
  assert.equal(why, `goes with ${digest("image")}`);
});
