import assert from "node:assert/strict";
import { test } from "node:test";
import { berth } from "./captured.ts";
import { openPlace, terminal } from "./account-place.ts";

test("users are added, listed, changed and removed without a server", async () => {
  using place = openPlace();
  assert.equal((await place.run(["user", "list"])).stderr, "no users yet: berth user add NAME --admin\n");
  const file = place.file("a long password\n");
  assert.equal(
    await place.ok(["user", "add", "alice", "--admin", "--password-file", file]),
    "admin alice added\n",
  );
  assert.equal(
    await place.ok(["user", "add", "bob", "--password-file", "-", "--expires", "90d"], "bob's password"),
    "user bob added\n",
  );
  const table = await place.ok(["user", "list"]);
  assert.match(
    table,
    /^NAME {3}ADMIN  ENABLED  GROUPS  ADDED +EXPIRES\nalice  yes    yes      -       \S+ \S+  never\nbob    -/,
  );
  await place.ok(["user", "disable", "bob"]);
  const { users } = JSON.parse(await place.ok(["user", "list", "--json"]));
  assert.deepEqual(
    (users as Record<string, unknown>[]).map(({ name, admin, enabled }) => [name, admin, enabled]),
    [
      ["alice", true, true],
      ["bob", false, false],
    ],
  );
  for (const verb of ["enable", "promote", "demote", "logout"]) await place.ok(["user", verb, "bob"]);
  await place.ok(["user", "passwd", "bob", "--password-file", "-"], "another password\nrest");
  assert.equal(await place.ok(["user", "remove", "bob"]), "user bob removed\n");
});

test("what can't be done ends with 1 and says why", async () => {
  using place = openPlace();
  const file = place.file("a long password\n");
  await place.ok(["user", "add", "alice", "--admin", "--password-file", file]);
  const wrong: [string[], RegExp][] = [
    [["add", "alice", "--password-file", file], /there is a user or robot alice already/],
    [["add", "Alice", "--password-file", file], /"Alice" is not a name/],
    [["add", "bob", "--password-file", place.file("short")], /fewer than 8 characters/],
    [["add", "bob", "--password-file", place.file("")], /fewer than 8 characters/],
    [
      ["add", "bob", "--password-file", "/nonexistent/file"],
      /password file \/nonexistent\/file can't be read: ENOENT/,
    ],
    [["remove", "bob"], /there is no user bob/],
    [["remove", "alice"], /alice is the last admin/],
    [["demote", "alice"], /alice is the last admin/],
    [["disable", "alice"], /alice is the last admin/],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await place.run(["user", ...args]);
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /short|a long password|at .*\.ts/);
  }
});

test("a password is asked twice at a terminal, and never shown", async () => {
  using place = openPlace();
  const keys = "wrong\u0015long passwrod\u007f\u007f\u007ford\rlong password\r";
  const stdin = terminal(keys);
  const args = ["user", "add", "alice", "--data", place.data];
  const { code, stdout, stderr } = await berth(args, { stdin });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "user alice added\n");
  assert.equal(stderr, "New password: \nThe same again: \n");
  assert.deepEqual(stdin.raw, [true, false]);

  const different = await berth(["user", "passwd", "alice", "--data", place.data], {
    stdin: terminal("long password\rlong passwort\r"),
  });
  assert.equal(different.code, 1);
  assert.match(different.stderr, /the two passwords differ; nothing was changed/);
  const cancelled = terminal("long\u0003");
  const { code: ended } = await berth(["user", "passwd", "alice", "--data", place.data], {
    stdin: cancelled,
  });
  assert.deepEqual([ended, cancelled.raw], [1, [true, false]]);
});

test("a password is never an argument, and without a terminal the flag is named", async () => {
  using place = openPlace();
  const wrong: [string[], RegExp][] = [
    [["user", "add", "alice", "my password"], /unexpected argument "my password"/],
    [["user", "add", "alice", "--password", "x"], /unknown flag --password; did you mean "--password-file"/],
    [["user", "add", "alice"], /there is no terminal .*--password-file/],
    [["user", "add"], /NAME missing/],
    [["user"], /say what to do: there are user add, user list/],
    [["user", "ad", "x"], /unknown "user ad"; did you mean "add"/],
    [["user", "add", "x", "--expires", "soon", "--password-file", "-"], /--expires soon is not a time/],
    [["user", "list", "x"], /unexpected argument "x"/],
    [["user", "list", "--listen", "x"], /unknown flag --listen/],
  ];
  for (const [argv, message] of wrong) {
    const { code, stderr } = await berth(argv[1] === undefined ? argv : [...argv, "--data", place.data]);
    assert.equal(code, 2, argv.join(" "));
    assert.match(stderr, message);
    assert.match(stderr, /Try "berth help user"/);
  }
});
