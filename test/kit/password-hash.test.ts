import assert from "node:assert/strict";
import { test } from "node:test";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { hashPassword, isPasswordHash, nobodysHash } from "#kit/password-hash.ts";
import { createQuietVerifier } from "#kit/quiet-verifier.ts";

const { verify: verifyPassword } = createQuietVerifier(1);

test("a new hash is argon2id with 19 MiB and two passes, salted", async () => {
  const [one, two] = await Promise.all([hashPassword("a password"), hashPassword("a password")]);
  assert.match(one ?? "", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(one, two);
  assert.equal(await verifyPassword(one ?? "", "a password"), true);
  assert.equal(await verifyPassword(one ?? "", "a Password"), false);
});

test("bcrypt hashes of other tools are understood", async () => {
  for (const version of ["2a", "2b", "2y"] as const) {
    const hash = (await bcrypt("a password", 4)).replace("$2b$", `$${version}$`);
    assert.ok(isPasswordHash(hash));
    assert.equal(await verifyPassword(hash, "a password"), true);
    assert.equal(await verifyPassword(hash, "another"), false);
  }
});

test("unknown formats are a clear error that doesn't repeat the hash", async () => {
  for (const hash of [
    "",
    "secret text",
    "$apr1$a$b",
    "$5$salt$hash",
    "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
  ]) {
    assert.equal(isPasswordHash(hash), false);
    await assert.rejects(verifyPassword(hash, "x"), (error: Error) => {
      assert.match(error.message, /neither argon2id nor bcrypt/);
      return hash === "" || !error.message.includes(hash);
    });
  }
});

test("nobody's hash is checked like any other, and is nobody's", async () => {
  assert.ok(isPasswordHash(nobodysHash));
  for (const password of ["", "password", "admin"])
    assert.equal(await verifyPassword(nobodysHash, password), false);
});

test("hashing leaves the event loop free", async () => {
  const order: string[] = [];
  const hashed = hashPassword("a password").then(() => order.push("hash"));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("loop");
  await hashed;
  assert.deepEqual(order, ["loop", "hash"]);
});
