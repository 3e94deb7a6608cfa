import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveUser } from "#engine/spec/resolve-user.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000:joe:/home/joe:/bin/sh\n7:x:8:9::/seven:\n";
const group = "root:x:0:\nwheel:x:10:root,joe\njoe:x:1000:\nbig:x:70:\n";
const of = (text: string, add: string[] = []) => {
  const { uid, gid, additionalGids } = resolveUser(text, passwd, group, add);
  return [uid, gid, additionalGids];
};

test("users by name and number, as dockerd finds them", () => {
  assert.deepEqual(of(""), [0, 0, [0, 10]]);
  assert.deepEqual(of("joe"), [1000, 1000, [1000, 10]]);
  assert.deepEqual(of("1000"), [1000, 1000, [1000, 10]]);
  assert.deepEqual(of("joe:wheel"), [1000, 10, [10]]);
  assert.deepEqual(of("4242"), [4242, 0, [0]]);
  assert.deepEqual(of("4242:5"), [4242, 5, [5]]);
  assert.deepEqual(of(":10"), [0, 10, [10]]);
  assert.deepEqual(of("7"), [8, 9, [9]], "a name before a number");
  assert.deepEqual(of("root", ["big", "999", ""]), [0, 0, [0, 10, 70, 999]]);
  assert.equal(resolveUser("joe", passwd, group).home, "/home/joe");
  assert.deepEqual(resolveUser("5:6", undefined, undefined), {
    uid: 5,
    gid: 6,
    additionalGids: [6],
    home: "",
  });
});

test("users that aren't there are told in dockerd's words", () => {
  const refused = (text: string, message: string, add: string[] = []) =>
    assert.throws(() => of(text, add), { code: "engine-invalid", message });
  refused("nosuch", "unable to find user nosuch: no matching entries in passwd file");
  refused("joe:nosuch", "unable to find group nosuch: no matching entries in group file");
  refused("joe", "Unable to find group nosuch: no matching entries in group file", ["nosuch"]);
  refused("5000000000", "uids and gids must be in range 0-2147483647");
  refused("-1", "uids and gids must be in range 0-2147483647");
  refused("a:b:c", "unable to find user a: no matching entries in passwd file");
  assert.throws(() => resolveUser("joe", undefined, undefined), { code: "engine-invalid" });
});

test("hostile passwd and group files: garbage gives nobody rights, size no delay", () => {
  const garbage =
    "joe\njoe:x\njoe:x:-1:0\njoe:x:99999999999:0\njoe:x:0x0:0\n:x:0:0\n#joe:x:0:0\n\0\u2028\njoe:x:77:78:::\n";
  assert.deepEqual(resolveUser("joe", garbage, garbage).uid, 77);
  assert.throws(() => resolveUser("joe", "joe\njoe:x:\n", ""), { code: "engine-invalid" });
  const long = `${"x".repeat(5_000_000)}\n${"a:x:1:1::/:\n".repeat(300_000)}joe:x:5:6::/:`;
  const many = `g:x:9:${"u,".repeat(1_000_000)}joe\n${Array.from({ length: 100_000 }, (_, at) => `g${at}:x:${at}:joe\n`).join("")}`;
  const started = performance.now();
  const user = resolveUser("joe", long, many);
  assert.ok(performance.now() - started < 5_000);
  assert.deepEqual([user.uid, user.gid, user.additionalGids.length], [5, 6, 65_536]);
});
