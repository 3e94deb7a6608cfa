import assert from "node:assert/strict";
import { chmodSync, chownSync, rmSync } from "node:fs";
import { test } from "node:test";
import { day, keyBench, newSigningSecret } from "./key-bench.ts";
import { refused } from "./refused.ts";

test("the first one to look makes the first key, whoever's turn it is; of several at once one makes it", async () => {
  await using bench = await keyBench();
  await refused(bench.open(), "storage-failed", /holds no signing key/);
  await Promise.all([1, 2, 3, 4].map(() => bench.rotate("secret", false)));
  const [key, ...others] = await bench.kept.list();
  assert.deepEqual(others, []);
  assert.equal(key?.createdAt, bench.clock());
  assert.equal((await (await bench.open()).current()).kid, key.kid);
});

test("new keys are made, and old ones removed, only by whose turn it is", async () => {
  await using bench = await keyBench();
  await bench.rotate();
  bench.pass(90 * day);
  await bench.rotate("secret", false);
  assert.equal((await bench.kept.list()).length, 1);
  await Promise.all([bench.rotate(), bench.rotate()]);
  assert.equal((await bench.kept.list()).length, 2);
  bench.pass(15 * 60_000 + 1);
  await bench.rotate("secret", false);
  assert.equal((await bench.kept.list()).length, 2);
  await bench.rotate();
  assert.equal((await bench.kept.list()).length, 1);
});

test("servers take each other's tokens at every moment of a rotation, with clocks a minute apart", async () => {
  await using bench = await keyBench();
  await bench.rotate();
  const skews = [-55_000, 0, 4_000, 55_000];
  const rings = await Promise.all(skews.map((skew) => bench.open(bench.place(), skew)));
  const kids = new Set<string>();
  for (let rotation = 0; rotation < 3; rotation++) {
    for (let step = 0; step < 60; step++) {
      // All have looked just before the new key is there.
      if (step === 0) bench.pass(90 * day + 60_000);
      if (step === 12) {
        await bench.rotate("secret", true, skews[rotation]);
        assert.equal((await bench.kept.list()).length, 2);
      }
      // One starts again in the middle of it.
      if (step === 12 + rotation) rings[1] = await bench.open(bench.place(), skews[1]);
      // Somebody shows unknown keys, so that each looks as often as it may, and each at another time.
      for (const [i, ring] of rings.entries())
        if ((step * 7 + i * 3) % 5 === 0) assert.equal(await ring.verifying("unknown"), undefined);
      for (const [i, one] of rings.entries()) {
        kids.add((await one.current()).kid);
        for (const [k, other] of rings.entries())
          assert.ok(await bench.taken(one, other), `rotation ${rotation}, step ${step}: ${i} → ${k}`);
      }
      bench.pass(step < 30 ? 170 : 2_300);
    }
    bench.pass(15 * 60_000);
    await bench.rotate();
  }
  assert.equal(kids.size, 4, "every key has signed");
  assert.deepEqual(bench.warnings, []);
});

test("what lies in the database is no key to who hasn't the secret", async () => {
  await using bench = await keyBench();
  await bench.rotate();
  bench.write("other", newSigningSecret());
  const why =
    /auth\.secret_file \S+other isn't the one that the signing keys were sealed with: .*DELETE FROM/;
  const errors = [
    await refused(bench.open(bench.place("other")), "storage-failed", why),
    await refused(bench.rotate("other"), "storage-failed", why),
  ];
  for (const error of errors) assert.equal(error.cause, undefined);
});

test("a key under another's id, or changed in the database, isn't taken", async () => {
  await using bench = await keyBench();
  await bench.rotate();
  const ring = await bench.open();
  const [key] = await bench.kept.list();
  assert.ok(key !== undefined);
  await bench.kept.add({ ...key, kid: "A".repeat(43) }, key.kid);
  await refused(bench.open(), "storage-failed", /sealed/);
  bench.pass(30_000);
  assert.equal((await ring.current()).kid, key.kid, "what was read before stays");
  bench.pass(30_000);
  await ring.current();
  assert.equal(bench.warnings.length, 1, "said once, not each time");
});

test("a secret follows another: as the second line first, then as the first", async () => {
  await using bench = await keyBench();
  const [before, after] = [newSigningSecret(), newSigningSecret()];
  bench.write("a", before);
  bench.write("b", before);
  await bench.rotate("a");
  const [a, b] = [await bench.open(bench.place("a")), await bench.open(bench.place("b"))];
  for (const lines of [[before, after], [after, before], [after]])
    for (const file of ["a", "b"]) {
      bench.write(file, `${lines.join("\r\n")}\n\n`);
      await bench.rotate(file);
      for (let i = 0; i < 5; i++) {
        assert.ok(await bench.taken(a, b));
        assert.ok(await bench.taken(b, a));
        bench.pass(1_500);
      }
      bench.pass(15 * 60_000);
      await bench.rotate(file);
    }
  const [key, ...others] = await bench.kept.list();
  assert.deepEqual(others, []);
  assert.equal((await a.current()).kid, key?.kid);
  assert.deepEqual(bench.warnings, []);
  bench.write("a", before);
  await refused(bench.open(bench.place("a")), "storage-failed", /isn't the one/);
});

test("keys that an operator removed are gone from running servers; new ones are made", async () => {
  await using bench = await keyBench();
  await bench.rotate();
  const ring = await bench.open();
  const { kid } = await ring.current();
  await bench.kept.remove([kid]);
  bench.pass(30_000);
  assert.equal(await ring.verifying(kid), undefined);
  await refused(ring.current(), "unavailable");
  await bench.rotate("secret", false);
  bench.pass(30_000);
  assert.notEqual((await ring.current()).kid, kid);
});

test("a secret file that is away, open to others, empty or too short is refused, with what to do", async () => {
  await using bench = await keyBench();
  const how = /openssl rand -base64 48 > /;
  await refused(bench.rotate("nowhere"), "storage-failed", /auth\.secret_file \S+nowhere isn't there/);
  for (const [text, words] of [
    ["", /is empty/],
    ["\n \n", /is empty/],
    ["topsecret-topsecret-topsecret-topsecret", /line 1, is too short/],
    [`${newSigningSecret()}\n\ntopsecret`, /line 3, is too short/],
  ] as const) {
    bench.write("bad", text);
    const { message } = await refused(bench.rotate("bad"), "storage-failed", words);
    assert.match(message, how);
    assert.doesNotMatch(message, /topsecret/);
  }
  for (const mode of [0o640, 0o604, 0o666]) {
    chmodSync(bench.file("secret"), mode);
    await refused(bench.rotate(), "storage-failed", /auth\.secret_file .*open to other users.*chmod 600/);
  }
  rmSync(bench.file("secret"));
  bench.write("secret", newSigningSecret(), 0o400);
  await bench.rotate();
});

test(
  "a secret file of another user may be readable by its group, as mounted ones are, but by nobody else",
  { skip: process.getuid?.() !== 0 && "only root can give files away" },
  async () => {
    await using bench = await keyBench();
    chownSync(bench.file("secret"), 12_345, 0);
    for (const mode of [0o644, 0o660, 0o444]) {
      chmodSync(bench.file("secret"), mode);
      await refused(bench.rotate(), "storage-failed", /open to other users/);
    }
    chmodSync(bench.file("secret"), 0o440);
    await bench.rotate();
  },
);
