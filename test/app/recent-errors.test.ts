import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { createRecentErrors } from "#app/recent-errors.ts";

test("the newest errors are kept as words: our own in full, of others no more than a code", () => {
  const recent = createRecentErrors();
  const foreign = Object.assign(new Error("connect to postgres://berth:password@db failed"), {
    code: "ECONNREFUSED",
  });
  recent.note([{ err: foreign, url: "https://name:password@host/" }, "the database is away"]);
  recent.note([{ err: new AppError("storage-full", "the disk is full: make room") }, "a push failed"]);
  recent.note(["only words"]);
  recent.note([foreign]);
  const messages = recent.now().map(({ message }) => message);
  assert.deepEqual(messages, [
    "the database is away: ECONNREFUSED",
    "a push failed: the disk is full: make room",
    "only words",
    "ECONNREFUSED",
  ]);
  for (let i = 0; i < 200; i++) recent.note([`${i} ${"x".repeat(1_000)}`]);
  assert.equal(recent.now().length, 50);
  assert.ok(recent.now().every(({ message, at }) => message.length <= 500 && at > 0));
  assert.match(recent.now().at(-1)?.message ?? "", /^199 /);
});
