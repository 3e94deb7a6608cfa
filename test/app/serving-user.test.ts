import assert from "node:assert/strict";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { servingUser } from "#app/engine/serving-user.ts";

const usual = "root:x:0:0:::\nalice:x:1000:1000:::\n";

async function place(t: TestContext, passwd = usual) {
  const folder = await mkdtemp(join(tmpdir(), "berth-user-"));
  t.after(() => rm(folder, { recursive: true }));
  const accounts = { passwd: join(folder, "passwd"), group: join(folder, "group") };
  await writeFile(accounts.passwd, passwd);
  await writeFile(accounts.group, "root:x:0:\nweb:x:33:\n");
  return { accounts, data: join(folder, "data") };
}

test("the user that is named, by name or number, with its group or another", async (t) => {
  const { accounts, data } = await place(t);
  const of = async (user: string) => {
    const { uid, gid } = await servingUser({ user, data }, accounts);
    return [uid, gid];
  };
  assert.deepEqual(await of("alice"), [1000, 1000]);
  assert.deepEqual(await of("alice:web"), [1000, 33]);
  assert.deepEqual(await of("4711"), [4711, 4711]);
  assert.deepEqual(await of("4711:12"), [4711, 12]);
  assert.deepEqual(await of("root"), [0, 0]);
  await assert.rejects(of("bob"), /there is no user bob on this machine/);
  await assert.rejects(of("alice:nogroup"), /there is no group nogroup/);
});

test(
  "else who owns the data folder, unless that is root",
  { skip: process.getuid?.() !== 0 && "needs root" },
  async (t) => {
    const { accounts, data } = await place(t, `${usual}berth:x:990:991:::\n`);
    assert.deepEqual(await servingUser({ user: undefined, data }, accounts), {
      name: "berth",
      uid: 990,
      gid: 991,
    });
    await mkdir(data);
    assert.equal((await servingUser({ user: undefined, data }, accounts)).name, "berth");
    await chown(data, 1000, 33);
    assert.deepEqual(await servingUser({ user: undefined, data }, accounts), {
      name: "alice",
      uid: 1000,
      gid: 33,
    });
  },
);

test("never root without somebody's word: the message is the line that adds a user", async (t) => {
  const { accounts, data } = await place(t);
  await assert.rejects(servingUser({ user: undefined, data }, accounts), (error: Error) => {
    assert.match(
      error.message,
      /useradd --system --home-dir .*\/data --shell \/usr\/sbin\/nologin berth; or name one/,
    );
    return true;
  });
});
