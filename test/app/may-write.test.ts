import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mayWrite } from "#app/engine/may-write.ts";

test("whether the registry's user may write its folder: by owner, group, mode; root may always", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "berth-write-"));
  t.after(() => rm(folder, { recursive: true }));
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const owner = { name: "owner", uid, gid };
  const member = { name: "member", uid: uid + 1, gid };
  const other = { name: "other", uid: uid + 1, gid: gid + 1 };
  const asked = async (mode: number) => {
    await chmod(folder, mode);
    return Promise.all([owner, member, other].map((user) => mayWrite(folder, user)));
  };
  assert.deepEqual(await asked(0o700), [true, false, false]);
  assert.deepEqual(await asked(0o770), [true, true, false]);
  assert.deepEqual(await asked(0o707), [true, false, true]);
  assert.equal(await mayWrite(folder, { name: "root", uid: 0, gid: 0 }), true);
  assert.equal(await mayWrite(join(folder, "new"), other), true);
});
