import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { createHtpasswd } from "#auth/htpasswd.ts";
import { fileText } from "#kit/file-cache.ts";
import { hashPassword } from "#kit/password-hash.ts";
import { addUser, openDesk, passwordOf, signIn } from "./sign-in-desk.ts";

function htpasswdFile(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "berth-htpasswd-"));
  const path = join(folder, "htpasswd");
  const warnings: string[] = [];
  const write = (next: string) => {
    writeFileSync(`${path}.new`, next);
    renameSync(`${path}.new`, path);
  };
  write(text);
  return {
    path,
    write,
    warnings,
    htpasswd: createHtpasswd({ read: fileText(path, { every: 0 }), warn: (line) => warnings.push(line) }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const line = async (name: string, version: "2a" | "2b" | "2y") =>
  `${name}:${(await bcrypt(passwordOf(name), 4)).replace("$2b$", `$${version}$`)}`;

test("users of an htpasswd file sign in, with bcrypt and argon2id", async () => {
  const lines = [
    "# users",
    "",
    await line("ann", "2a"),
    await line("ben", "2b"),
    await line("cem", "2y"),
    `dora:${await hashPassword(passwordOf("dora"))}`,
  ];
  using file = htpasswdFile(lines.join("\r\n"));
  await using desk = await openDesk({ htpasswd: file.htpasswd });
  for (const name of ["ann", "ben", "cem", "dora"]) {
    const found = await desk.credentials.check(name, passwordOf(name), "192.0.2.1");
    assert.deepEqual(found, {
      identity: { kind: "user", id: `htpasswd:${name}`, name, admin: false, groups: [], rights: [] },
      accountId: undefined,
      secretId: undefined,
      limits: undefined,
    });
    assert.equal((await signIn(desk, name, "wrong password")).code, "unauthenticated");
  }
  assert.deepEqual(file.warnings, []);
});

test("lines of another kind are named in a warning, without what they hold", async () => {
  using file = htpasswdFile("old:$apr1$salt$hash\nsha:{SHA}aGFzaA==\njust-a-password\n:nobody\n");
  assert.equal(await file.htpasswd.hashOf("old"), undefined);
  assert.equal(await file.htpasswd.hashOf("old"), undefined);
  assert.equal(file.warnings.length, 1);
  assert.match(file.warnings[0] ?? "", /old \(line 1\), sha \(line 2\), line 3, line 4/);
  assert.doesNotMatch(file.warnings[0] ?? "", /apr1|SHA}|just-a-password/);
});

test("a changed file holds at once: new users come, removed ones go, their tokens too", async () => {
  using file = htpasswdFile(await line("ann", "2b"));
  await using desk = await openDesk({ htpasswd: file.htpasswd });
  assert.equal((await signIn(desk, "ann", passwordOf("ann"))).name, "ann");
  assert.equal((await desk.credentials.liveHtpasswd("ann"))?.id, "htpasswd:ann");
  file.write(await line("ben", "2b"));
  assert.equal((await signIn(desk, "ann", passwordOf("ann"))).code, "unauthenticated");
  assert.equal(await desk.credentials.liveHtpasswd("ann"), undefined);
  assert.equal((await signIn(desk, "ben", passwordOf("ben"))).name, "ben");
});

test("while the file can't be read nobody of it signs in, and the log says so once", async () => {
  using file = htpasswdFile(await line("ann", "2b"));
  await using desk = await openDesk({ htpasswd: file.htpasswd });
  assert.equal((await signIn(desk, "ann", passwordOf("ann"))).name, "ann");
  rmSync(file.path);
  assert.equal((await signIn(desk, "ann", passwordOf("ann"))).code, "unauthenticated");
  assert.equal(await desk.credentials.liveHtpasswd("ann"), undefined);
  assert.equal(file.warnings.length, 1);
  file.write(await line("ann", "2b"));
  assert.equal((await signIn(desk, "ann", passwordOf("ann"))).name, "ann");
});

test("an account wins over a line of its name", async () => {
  using file = htpasswdFile(`alice:${await bcrypt("of the file", 4)}`);
  await using desk = await openDesk({ htpasswd: file.htpasswd });
  assert.equal((await signIn(desk, "alice", "of the file")).name, "alice");
  await addUser(desk, "alice");
  assert.equal((await signIn(desk, "alice", "of the file")).code, "unauthenticated");
  assert.equal(await desk.credentials.liveHtpasswd("alice"), undefined);
  const { identity } = await desk.credentials.check("alice", passwordOf("alice"), "192.0.2.1");
  assert.match(identity.id ?? "", /^user:/);
});

test("unknown names take as long as one of the file's lines, or as an account", async () => {
  using file = htpasswdFile(await line("ann", "2b"));
  await using desk = await openDesk({ htpasswd: file.htpasswd });
  for (let i = 0; i < 18; i++) await signIn(desk, `nobody${i}`, "wrong password");
  const kinds = new Set(desk.hashed.map((hash) => hash.slice(0, 4)));
  assert.deepEqual([...kinds].sort(), ["$2b$", "$arg"]);
});
