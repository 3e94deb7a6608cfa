import assert from "node:assert/strict";
import { test } from "node:test";
import type { CollectorParts } from "#maintenance/gc/collector.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import { freshBytes, oci } from "../harness/registry-content.ts";
import { day, hour, minute, openRoom, other, team, type Room } from "./gc-room.ts";

const changes = ["dropManifests", "dropLinks", "dropBlobs", "noteStrays", "forgetStrays", "forgetTombstones"];

/** Parts of a process that dies at its `at`-th change, before or just after it: nothing works from then on. */
function dying(parts: CollectorParts, at: number, when: "before" | "after") {
  const state = { changes: 0, dead: false };
  const killed = () => new Error("killed");
  function mortal<T extends object>(whole: T, isChange: (name: string) => boolean): T {
    return new Proxy(whole, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== "function") return method;
        return (...given: unknown[]) => {
          if (state.dead) throw killed();
          const last = isChange(String(name)) && state.changes++ === at;
          if (!last) return (method as (...given: unknown[]) => unknown).apply(target, given);
          state.dead = true;
          if (when === "before") throw killed();
          const done = (method as (...given: unknown[]) => Promise<unknown>).apply(target, given);
          return done.then(() => Promise.reject(killed()));
        };
      },
    });
  }
  const garbage = mortal(parts.garbage, (name) => changes.includes(name));
  const store = mortal(parts.store as Room["store"], (name) => name === "delete");
  return {
    state,
    parts: {
      garbage,
      store,
      tagRoom: mortal(parts.tagRoom, (name) => name === "remove"),
      uploads: mortal(parts.uploads, (name) => name === "purge"),
    },
  };
}

/** What is recorded is there, and what manifests name is recorded. */
async function assertWhole(
  room: Room,
  kept: readonly { repository: typeof team; digests: readonly string[] }[],
) {
  for (const facts of await room.repositories.recordedBlobs({ limit: 999, last: undefined }))
    assert.ok(room.isStored(facts.location), `${facts.digest} is recorded and gone`);
  for (const { repository, digests } of kept)
    for (const digest of digests)
      assert.ok(await room.repositories.blob(repository, digest as Digest), digest);
}

test("killed at any change, nothing is left that refers to nothing, and the next runs end it", async (t) => {
  let deaths = 0;
  for (const when of ["before", "after"] as const)
    for (let at = 0; ; at++) {
      let end: ReturnType<typeof dying>["state"] | undefined;
      let now = () => 0;
      const room = await openRoom(t, (parts) => {
        const { state, parts: mortal } = dying(parts, at, when);
        end = state;
        const leases = { held: () => Promise.resolve([]) };
        const bytes = { garbage: mortal.garbage, store: mortal.store, leases };
        return { ...mortal, removeBytes: (signal) => removeBytes(bytes, now() - minute, signal) };
      });
      now = () => room.now;
      room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
      const kept = await fill(room);
      const state = end;
      assert.ok(state);
      // All that there is to do comes within these runs; in one of them it dies.
      for (let run = 0; run < 5 && !state.dead; run++) await room.later(day + hour).catch(() => undefined);
      await assertWhole(room, kept);
      if (!state.dead) break;
      deaths++;
      // Another process goes on.
      const again = { ...state };
      Object.assign(state, { dead: false, changes: Number.MIN_SAFE_INTEGER });
      await room.settle();
      // The removed tag of a signature holds it until it can't come back any more.
      assert.equal(await room.metadata.tagRoom.forget(room.now, 9, room.now), 1);
      await room.settle();
      await assertWhole(room, kept);
      const names = kept.flatMap(({ digests }) => digests);
      assert.equal(
        (await room.files()).length,
        names.length,
        `orphans after ${when} change ${again.changes}`,
      );
    }
  assert.ok(deaths >= 12, `only ${deaths} changes`);
});

/** Something for each step to find, and what stays. */
async function fill(room: Room) {
  const image = room.image();
  await room.put(team, image, "v1");
  const child = room.image();
  await room.put(other, child);
  const index = oci.index({ manifests: [child.descriptor] });
  await room.put(other, index, "multi");
  const subject = await room.put(other, room.image(), "signed");
  await room.put(other, room.image(), `${subject.replace(":", "-")}.sig`);
  await room.remove(other, subject);
  await room.put(other, room.image());
  await room.put(team, room.image(image.descriptor));
  const gone = room.image(room.image().descriptor);
  await room.put(team, gone);
  const both = await room.blob(team);
  await room.repositories.mount(other, both, team, room.now, undefined);
  const unlinked = await room.blob(team);
  await room.repositories.unlinkBlob(team, unlinked, room.now, undefined);
  const stray = freshBytes(50);
  await room.store.put(digestOf("sha256", stray), stray);
  await room.uploads.begin({} as never, team, "sha256");
  const { digests: referring } = await referrers(room, image.digest as Digest);
  return [
    { repository: team, digests: [...image.blobs.map(({ digest }) => digest), ...referring] },
    { repository: other, digests: child.blobs.map(({ digest }) => digest) },
  ];
}

/** Blobs of what refers to it. */
async function referrers(room: Room, subject: Digest): Promise<{ digests: string[] }> {
  const page = { limit: 9, last: undefined, artifactType: undefined };
  const digests: string[] = [];
  for (const { digest } of await room.repositories.referrers(team, subject, page)) {
    const manifest = await room.repositories.manifest(team, digest);
    assert.ok(manifest);
    const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString()) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    digests.push(config.digest, ...layers.map(({ digest }) => digest));
  }
  return { digests };
}
