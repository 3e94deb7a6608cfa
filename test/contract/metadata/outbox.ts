import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import { engineRepository } from "#core/engine-name.ts";
import type { NewEvent } from "#core/event.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alice } from "./audit-content.ts";
import { alpha, beta, blob, digest, layer, manifest, tag, upload, type Open } from "./content.ts";

const any = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));
const mediaType = "application/vnd.oci.image.manifest.v1+json";

export function outboxContract(open: Open): void {
  test("events are read back as they were appended, with ids that grow", async () => {
    await using metadata = await open();
    const { outbox } = metadata;
    assert.equal(await outbox.newest(), 0);
    assert.deepEqual(await outbox.list(0, 9), []);
    await outbox.append([]);
    const full: NewEvent = {
      at: 5,
      action: "pull",
      repository: alpha,
      tag: tag("latest"),
      digest: digest("m"),
      mediaType,
      size: 2 ** 40,
      subject: "süß '; DROP TABLE events; --",
      actor: { actor: "alice \"', {}", kind: "user", address: "192.0.2.7", request: "r-1" },
      count: 2 ** 33,
    };
    const bare = event(6, { action: "start", subject: "box" });
    await outbox.append([full, bare]);
    await outbox.append([event(4)]);
    const events = await outbox.list(0, 9);
    assert.deepEqual(
      events.map(({ id, ...rest }) => rest),
      [full, bare, event(4)],
    );
    const ids = events.map(({ id }) => id);
    assert.ok(ids.every((id, i) => id > (ids[i - 1] ?? 0)));
    assert.equal(await outbox.newest(), ids.at(-1));
  });

  test("a list goes on after the last id; the latest come newest first", async () => {
    await using metadata = await open();
    const { outbox } = metadata;
    await outbox.append([1, 2, 3, 4, 5].map((at) => event(at)));
    const at = (events: { at: number }[]) => events.map((one) => one.at);
    const first = await outbox.list(0, 2);
    assert.deepEqual(at(first), [1, 2]);
    assert.deepEqual(at(await outbox.list(first.at(-1)?.id ?? 0, 9)), [3, 4, 5]);
    assert.deepEqual(at(await outbox.list(await outbox.newest(), 9)), []);
    assert.deepEqual(at(await outbox.latest(2)), [5, 4]);
    assert.deepEqual(at(await outbox.latest(9)), [5, 4, 3, 2, 1]);
  });

  test("old events are dropped in steps up to an id; no id is given again", async () => {
    await using metadata = await open();
    const { outbox } = metadata;
    await outbox.append([1, 2, 3, 4].map((at) => event(at)));
    const [first, second, third] = await outbox.list(0, 9);
    assert.ok(first && second && third);
    const newest = await outbox.newest();
    assert.equal(await outbox.drop(9, 0, 9), 0);
    assert.equal(await outbox.drop(4, third.id, 1), 1);
    assert.deepEqual((await outbox.list(0, 1))[0], second);
    assert.equal(await outbox.drop(9, second.id, 9), 1);
    assert.equal(await outbox.drop(4, newest, 9), 1);
    assert.equal(await outbox.drop(9, newest, 9), 1);
    assert.deepEqual(await outbox.list(0, 9), []);
    assert.ok((await outbox.newest()) >= newest);
    await outbox.append([event(7)]);
    const [last] = await outbox.latest(1);
    assert.ok(last && last.id > newest);
    assert.equal(await outbox.newest(), last.id);
  });

  test("a change of content writes its event, with who did it, also where audit is off", async () => {
    await using metadata = await open();
    const { repositories, outbox } = metadata;
    await repositories.addBlob(blob(alpha, "xyz", { by: alice, now: 1234 }));
    await repositories.addBlob(blob(alpha, "xyz", { by: { ...alice, unrecorded: true }, now: 5 }));
    await repositories.addBlob(blob(alpha, "xyz", { now: 6 }));
    const [one, two, three] = await outbox.list(0, 9);
    assert.ok(one && two && three);
    const { id, ...rest } = one;
    const actor = { actor: "alice", kind: "user", address: "192.0.2.7", request: "r-1" };
    assert.deepEqual(rest, {
      ...event(1234, { action: "push", repository: alpha, digest: digest("xyz"), size: 3 }),
      actor,
    });
    assert.deepEqual(two.actor, actor);
    assert.equal(three.actor, undefined);
    assert.equal((await metadata.audit.list({}, 0, 9)).length, 1);
  });

  test("pushes, mounts and deletes: one event for each tag, or one of the manifest alone", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, alice);
    await repositories.mount(beta, digest("x"), undefined, 2, alice);
    await repositories.unlinkBlob(beta, digest("x"), 3, alice);
    await repositories.putManifest(manifest(alpha, "one", { tags: any("a", "b", "a"), by: alice }));
    await repositories.putManifest(manifest(alpha, "one", { tags: any("b", "c") }));
    await repositories.putManifest(manifest(alpha, "two"));
    await repositories.deleteTag(alpha, tag("c"), {}, 5, alice);
    await repositories.deleteManifest(alpha, digest("one"), {}, 6, undefined);
    assert.deepEqual(await told(metadata), [
      ["push", alpha, digest("x"), 1],
      ["mount", beta, digest("x"), 1, alpha],
      ["mount", beta, digest("x"), 1],
      ["delete", beta, digest("x"), 1],
      ["push", alpha, "a", digest("one"), mediaType, 3],
      ["push", alpha, "b", digest("one"), mediaType, 3],
      ["push", alpha, "b", digest("one"), mediaType, 3],
      ["push", alpha, "c", digest("one"), mediaType, 3],
      ["push", alpha, digest("two"), mediaType, 3],
      ["delete", alpha, "c", digest("one")],
      ["delete", alpha, digest("one"), mediaType],
      ["delete", alpha, "a", digest("one"), mediaType],
      ["delete", alpha, "b", digest("one"), mediaType],
    ]);
  });

  test("of a cache manifests that came and were deleted are told, of an engine's repository nothing", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    const named = "docker.io/library/box" as RepositoryName;
    const box = cachedName(named);
    await repositories.addBlob(blob(box, "x"));
    await repositories.putManifest(manifest(box, "m", { tags: any("1") }));
    await repositories.putManifest(manifest(box, "evicted"));
    await repositories.putManifest(manifest(box, "deleted"));
    await repositories.mount(beta, digest("x"), box, 2, alice);
    await repositories.deleteManifest(box, digest("deleted"), {}, 6, alice);
    const before = 1e15;
    const pieces = await cached.coldest({ upstream: undefined, before, limit: 9, after: undefined });
    await cached.evict(pieces, 7);
    const hidden = engineRepository("e1");
    await repositories.mount(hidden, digest("x"), beta, 8, undefined);
    await repositories.putManifest(manifest(hidden, "m", { tags: any("1") }));
    await repositories.deleteManifest(hidden, digest("m"), {}, 9, undefined);
    await repositories.unlinkBlob(hidden, digest("x"), 9, undefined);
    assert.deepEqual(await told(metadata), [
      ["fill", named, "1", digest("m"), mediaType, 1],
      ["fill", named, digest("evicted"), mediaType, 7],
      ["fill", named, digest("deleted"), mediaType, 7],
      ["mount", beta, digest("x"), 1, named],
      ["delete", named, digest("deleted"), mediaType],
    ]);
  });

  test("a change that is refused or does nothing writes no event", async () => {
    await using metadata = await open();
    const { repositories, uploads, outbox } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("x")], tags: any("latest") }));
    const before = await outbox.newest();
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "somebody else", 0, 10_000);
    const busy = blob(alpha, "y", { upload: { id: "u1", holder: undefined } });
    await assert.rejects(repositories.addBlob(busy), { code: "upload-busy" });
    await repositories.mount(beta, digest("gone"), undefined, 1, alice);
    await repositories.unlinkBlob(alpha, digest("x"), 1, alice);
    const tags = [{ name: tag("latest"), was: "absent" as const }];
    await repositories.putManifest(manifest(alpha, "n", { tags }));
    await repositories.putManifest(manifest(alpha, "n", { references: [layer("gone")] }));
    await repositories.deleteTag(alpha, tag("gone"), {}, 1, alice);
    await repositories.deleteManifest(alpha, digest("m"), { tagsOfDigest: [] }, 1, alice);
    assert.deepEqual(await outbox.list(before, 9), []);
  });
}

function event(at: number, rest: Partial<NewEvent> = {}): NewEvent {
  return {
    at,
    action: "exit",
    repository: undefined,
    tag: undefined,
    digest: undefined,
    mediaType: undefined,
    size: undefined,
    subject: undefined,
    actor: undefined,
    count: 1,
    ...rest,
  };
}

/** Of each event the action, and what it is about. */
async function told({ outbox }: Metadata): Promise<unknown[][]> {
  const events = await outbox.list(0, 99);
  return events.map((one) =>
    [one.action, one.repository, one.tag, one.digest, one.mediaType, one.size, one.subject].filter(
      (part) => part !== undefined,
    ),
  );
}
