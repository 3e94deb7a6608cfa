import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { test } from "node:test";
import { givenKeys } from "#adapters/keys/given-keys.ts";
import { keyBench } from "./key-bench.ts";
import { refused } from "./refused.ts";

test("the first of the given keys signs, all of them verify", async () => {
  await using bench = await keyBench();
  const kids = [await bench.writeKey("a.pem"), await bench.writeKey("b.pem")];
  const ring = await bench.open(givenKeys(["a.pem", "b.pem"].map(bench.file)));
  assert.equal((await ring.current()).kid, kids[0]);
  for (const kid of kids) assert.notEqual(await ring.verifying(kid), undefined);
  assert.deepEqual((await ring.jwks()).keys.map(({ kid }) => kid).sort(), kids.sort());
  assert.ok((await ring.jwks()).keys.every((key) => !("d" in key)));
});

test("a file that is replaced is taken up; a broken one leaves what was there, and is told", async () => {
  await using bench = await keyBench();
  const [a, b] = [await bench.writeKey("a.pem"), await bench.writeKey("b.pem")];
  const files = ["a.pem", "b.pem"].map(bench.file);
  const rings = [await bench.open(givenKeys(files)), await bench.open(givenKeys(files))] as const;
  const c = await bench.writeKey("a.pem");
  bench.pass(30_000);
  // Other processes may not have seen it yet: the second signs meanwhile.
  assert.equal((await rings[0].current()).kid, b);
  assert.ok(await bench.taken(rings[0], rings[1]));
  bench.pass(2_000);
  assert.equal((await rings[0].current()).kid, c);
  assert.ok(await bench.taken(rings[0], rings[1]));
  assert.equal(await rings[0].verifying(a), undefined);

  bench.write("a.pem", "-----BEGIN PRIVATE KEY-----\ntopsecret\n-----END PRIVATE KEY-----\n");
  bench.pass(30_000);
  assert.equal((await rings[0].current()).kid, c);
  assert.match(
    bench.warnings.join(),
    /^auth\.token\.key_files: \S+a\.pem is no private key that signs ES256/,
  );
  rmSync(bench.file("a.pem"));
  bench.pass(30_000);
  assert.equal((await rings[0].current()).kid, c);
  assert.match(bench.warnings.join(), /a\.pem isn't there/);
  assert.doesNotMatch(bench.warnings.join(), /topsecret/);
});

test("keys as openssl writes them are taken, and one that stands there twice is one", async () => {
  await using bench = await keyBench();
  const curve = "ec_paramgen_curve:P-256";
  const path = bench.file("openssl.pem");
  execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", curve, "-out", path], {
    stdio: "ignore",
  });
  const sec1 = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  bench.write("sec1.pem", sec1.export({ type: "sec1", format: "pem" }) as string);
  const ring = await bench.open(givenKeys([path, bench.file("sec1.pem"), path]));
  assert.equal((await ring.jwks()).keys.length, 2);
  assert.ok(await bench.taken(ring, ring));
});

test("what is no P-256 private key, or open to others, is refused, with what to do", async () => {
  await using bench = await keyBench();
  const open = (name: string) => bench.open(givenKeys([bench.file(name)]));
  const pem = { type: "pkcs8", format: "pem" } as const;
  const passphrase = { ...pem, cipher: "aes-256-cbc", passphrase: "topsecret" };
  const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  bench.write(
    "p384.pem",
    generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey.export(pem) as string,
  );
  bench.write("ed25519.pem", generateKeyPairSync("ed25519").privateKey.export(pem) as string);
  bench.write("locked.pem", p256.privateKey.export(passphrase) as string);
  bench.write("public.pem", p256.publicKey.export({ type: "spki", format: "pem" }) as string);
  bench.write("empty.pem", "");
  for (const name of ["p384", "ed25519", "locked", "public", "empty"])
    await refused(
      open(`${name}.pem`),
      "storage-failed",
      /is no private key that signs ES256.*openssl genpkey/,
    );
  await bench.writeKey("open.pem");
  chmodSync(bench.file("open.pem"), 0o644);
  await refused(open("open.pem"), "storage-failed", /open to other users.*chmod 600/);
});
