import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { NewEvent } from "#core/event.ts";
import type { HostedPull } from "#core/metadata/hosted-pulls.ts";
import type { ManifestPull } from "#core/pull-notes.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createPullNotes } from "#notify/pull-notes.ts";
import { alice } from "../contract/metadata/audit-content.ts";
import { alpha, digest, tag } from "../contract/metadata/content.ts";

const pull: ManifestPull = {
  repository: alpha,
  digest: digest("m"),
  tag: tag("latest"),
  mediaType: "a/b",
  size: 7,
  hosted: true,
  by: alice,
};
const actor = { actor: "alice", kind: "user", address: "192.0.2.7", request: "r-1" };

/** Notes whose seconds are the test's. */
function started(t: TestContext, events = true) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const appended: NewEvent[] = [];
  const noted: HostedPull[] = [];
  const lost: number[] = [];
  const failed: unknown[] = [];
  const state = { now: 5, fails: "" };
  const notes = createPullNotes({
    outbox: {
      append(more) {
        if (state.fails === "append") return Promise.reject(new Error("no disk today"));
        appended.push(...more);
        return Promise.resolve();
      },
    },
    hostedPulls: {
      note(more) {
        if (state.fails === "note") return Promise.reject(new Error("no disk today"));
        noted.push(...more);
        return Promise.resolve();
      },
    },
    clock: () => state.now,
    events: () => events,
    onLost: (count) => lost.push(count),
    onFailed: (error) => failed.push(error),
  });
  const seconds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      state.now += 1_000;
      t.mock.timers.tick(1_000);
      for (let j = 0; j < 10; j++) await turn();
    }
  };
  return { notes, appended, noted, lost, failed, state, seconds };
}

test("the first pull is written within a second, those of the minute after it as one", async (t) => {
  const { notes, appended, noted, seconds } = started(t);
  await using _ = notes;
  notes.note(pull);
  await seconds(1);
  const { by, hosted, ...what } = pull;
  assert.deepEqual(appended, [{ ...what, action: "pull", at: 5, count: 1, actor }]);
  assert.deepEqual(noted, [{ repository: alpha, digest: digest("m"), at: 5, count: 1 }]);
  for (let i = 0; i < 30; i++) {
    notes.note(pull);
    await seconds(1);
  }
  assert.equal(appended.length, 1, "a minute apart");
  await seconds(31);
  assert.deepEqual([appended.length, appended[1]?.count, appended[1]?.at], [2, 30, 30_005]);
  assert.deepEqual([noted.length, noted[1]?.count], [2, 30]);
  await seconds(70);
  assert.equal(appended.length, 2, "nothing new, nothing written");
});

test("pulls by other tags, of other manifests or repositories stay apart; who differs is nobody in particular", async (t) => {
  const { notes, appended, noted, seconds } = started(t);
  await using _ = notes;
  notes.note(pull);
  notes.note({ ...pull, by: { ...alice, actor: "bob" } });
  notes.note({ ...pull, tag: undefined });
  notes.note({ ...pull, digest: digest("n") });
  notes.note({ ...pull, repository: "docker.io/box" as RepositoryName, hosted: false });
  await seconds(1);
  assert.deepEqual(
    appended.map((event) => [event.count, event.actor?.actor]),
    [
      [2, undefined],
      [1, "alice"],
      [1, "alice"],
      [1, "alice"],
    ],
  );
  assert.equal(noted.length, 3, "what is cached is noted elsewhere");
});

test("where nobody wants events of pulls, only times and counts are kept", async (t) => {
  const { notes, appended, noted, seconds } = started(t, false);
  await using _ = notes;
  notes.note(pull);
  await seconds(1);
  assert.deepEqual([appended.length, noted.length], [0, 1]);
});

test("what couldn't be written is written later, and nothing of it counts twice", async (t) => {
  const { notes, appended, noted, failed, state, seconds } = started(t);
  await using _ = notes;
  for (const fails of ["note", "append"]) {
    state.fails = fails;
    notes.note(pull);
    await seconds(2);
  }
  assert.equal(failed.length, 1, "told once");
  state.fails = "";
  notes.note(pull);
  await seconds(1);
  assert.deepEqual(
    appended.map(({ count }) => count),
    [3],
  );
  assert.equal(
    noted.reduce((sum, { count }) => sum + count, 0),
    3,
  );
});

test("memory is bounded: what has no room is told, and never written", async (t) => {
  const { notes, appended, lost, state, seconds } = started(t);
  state.fails = "note";
  for (let i = 0; i < 25_000; i++) notes.note({ ...pull, digest: digest(String(i)) });
  await seconds(1);
  assert.deepEqual(lost, [5_000]);
  state.fails = "";
  await notes[Symbol.asyncDispose]();
  assert.equal(appended.length, 20_000);
});

test("disposing writes the rest, also of a minute that goes on", async (t) => {
  const { notes, appended, noted, seconds } = started(t);
  notes.note(pull);
  await seconds(1);
  notes.note(pull);
  await notes[Symbol.asyncDispose]();
  assert.deepEqual(
    appended.map(({ count }) => count),
    [1, 1],
  );
  assert.equal(noted.length, 2);
});
