import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { NewEvent } from "#core/event.ts";
import { createContainerNotes } from "#notify/container-notes.ts";

function started(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: NewEvent[] = [];
  const state = { reachable: true as boolean | Error, tries: 0, lost: 0 };
  const notes = createContainerNotes({
    append(events) {
      state.tries++;
      if (state.reachable instanceof Error) return Promise.reject(state.reachable);
      if (state.reachable) told.push(...events);
      return Promise.resolve(state.reachable);
    },
    onLost: () => state.lost++,
  });
  const emit = (action: string, name: string, exitCode = "0") =>
    notes.emit({ type: "container", action, id: "c1", attributes: { name, exitCode } });
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 200) {
      t.mock.timers.tick(200);
      for (let i = 0; i < 10; i++) await turn();
    }
  };
  const words = () => told.map(({ action, subject }) => `${action} ${subject}`);
  return { notes, state, emit, pass, words };
}

test("starts and exits of containers are told soon and in order, and nothing else", async (t) => {
  const { notes, emit, pass, words } = started(t);
  await using _ = notes;
  for (const action of ["create", "start", "exec_start: sh", "die", "destroy"]) emit(action, "box", "137");
  notes.emit({ type: "network", action: "start", id: "n1", attributes: { name: "bridge" } });
  assert.deepEqual(words(), [], "who starts one doesn't wait");
  await pass(200);
  assert.deepEqual(words(), ["start box", "exit box 137"]);
});

test("while the registry is away the newest thousand wait, and it is asked more and more seldom", async (t) => {
  const { notes, state, emit, pass, words } = started(t);
  await using _ = notes;
  state.reachable = new Error("nobody there");
  for (let i = 0; i < 1_500; i++) emit("start", String(i));
  assert.equal(state.lost, 1, "told once");
  await pass(120_000);
  assert.ok(state.tries >= 5 && state.tries < 15, String(state.tries));
  state.reachable = true;
  await pass(31_000);
  assert.deepEqual([words().length, words()[0], words().at(-1)], [1_000, "start 500", "start 1499"]);
});

test("disposing tells what waits, where that is possible", async (t) => {
  const { notes, emit, words } = started(t);
  emit("start", "box");
  await notes[Symbol.asyncDispose]();
  emit("die", "box");
  assert.deepEqual(words(), ["start box"]);
});

test("disposing doesn't wait for a registry that is away", async (t) => {
  const { notes, state, emit, words } = started(t);
  state.reachable = false;
  emit("start", "box");
  await notes[Symbol.asyncDispose]();
  assert.deepEqual([words(), state.tries], [[], 1]);
});
