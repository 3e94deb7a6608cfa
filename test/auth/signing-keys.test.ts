import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { folderKeys } from "#adapters/keys/folder-keys.ts";
import { openKeyRing } from "#adapters/keys/key-ring.ts";
import { rotateKeys } from "#adapters/keys/rotate.ts";
import { refused } from "./refused.ts";

const day = 86_400_000;

function temp() {
  const root = mkdtempSync(join(tmpdir(), "berth-keys-"));
  let now = 1_700_000_000_000;
  const clock = () => now;
  const folder = join(root, "data", "keys");
  const warnings: string[] = [];
  const place = folderKeys(folder);
  const rotation = { place, rotation: 90 * day, overlap: 15 * 60_000, clock, mine: () => true };
  return {
    root,
    folder,
    clock,
    warnings,
    pass: (ms: number) => void (now += ms),
    rotate: () => rotateKeys(rotation),
    open: () => openKeyRing({ place, clock, warn: (message) => void warnings.push(message) }),
    files: () => readdirSync(folder).sort(),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

const rules = (now: number) => ({ issuer: "i", audience: "a", now });
const claims = (now: number) => ({ iss: "i", aud: "a", iat: now / 1000, exp: now / 1000 + 300 });

test("the first start makes one key: folder 0700, file 0600, named by its time and id", async () => {
  using keys = temp();
  await keys.rotate();
  await keys.rotate();
  const [name = "", ...more] = keys.files();
  assert.deepEqual(more, []);
  const { kid } = await (await keys.open()).current();
  assert.equal(name, `1700000000000-${kid}.pem`);
  assert.equal(statSync(keys.folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(keys.folder, name)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(keys.folder, "..")), ["keys"]);
});

test("an empty folder that is there already gets its key, too", async () => {
  using keys = temp();
  mkdirSync(keys.folder, { recursive: true });
  await keys.rotate();
  assert.equal(keys.files().length, 1);
});

test("what a crash left behind is no key", async () => {
  using keys = temp();
  mkdirSync(keys.folder, { recursive: true });
  writeFileSync(join(keys.folder, ".new-abc"), "-----BEGIN", { mode: 0o600 });
  await keys.rotate();
  assert.equal((await (await keys.open()).jwks()).keys.length, 1);
});

test("the set says public halves only", async () => {
  using keys = temp();
  await keys.rotate();
  const opened = await keys.open();
  const [key = {}] = (await opened.jwks()).keys;
  assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
  assert.equal(key["kid"], (await opened.current()).kid);
});

test("rotation: the new key signs in all processes, the old one verifies for the overlap, then it is gone", async () => {
  using keys = temp();
  await keys.rotate();
  const [keeper, worker] = [await keys.open(), await keys.open()];
  const old = await keeper.current();
  keys.pass(90 * day - 1);
  await keys.rotate();
  assert.equal(keys.files().length, 1, "it is not due yet");
  keys.pass(1);
  await keys.rotate();
  assert.equal(keys.files().length, 2);
  // A key that not every process can have seen yet doesn't sign.
  assert.equal((await keeper.current()).kid, old.kid);
  const before = old.sign(claims(keys.clock()));
  keys.pass(30_000);
  const young = await keeper.current();
  assert.notEqual(young.kid, old.kid);
  const after = young.sign(claims(keys.clock()));
  for (const [token, kid] of [
    [before, old.kid],
    [after, young.kid],
  ] as const) {
    const outcome = (await worker.verifying(kid))?.verify(token, rules(keys.clock()));
    assert.ok(outcome !== undefined && "claims" in outcome);
  }
  assert.equal((await worker.jwks()).keys.length, 2);
  keys.pass(15 * 60_000 - 30_000);
  await keys.rotate();
  assert.equal(keys.files().length, 2, "the overlap isn't over");
  keys.pass(1);
  await keys.rotate();
  assert.deepEqual(keys.files(), [`${1_700_000_000_000 + 90 * day}-${young.kid}.pem`]);
  keys.pass(30_000);
  assert.equal(await worker.verifying(old.kid), undefined);
  assert.notEqual(await worker.verifying(young.kid), undefined);
});

test("an unknown key id makes a process read the folder again, at most once a second", async () => {
  using keys = temp();
  await keys.rotate();
  const worker = await keys.open();
  keys.pass(90 * day);
  await keys.rotate();
  const kid = keys.files()[1]?.slice(14, -4) ?? "";
  keys.pass(2_000);
  assert.notEqual(await worker.verifying(kid), undefined);
  const hidden = join(keys.root, "hidden");
  renameSync(keys.folder, hidden);
  mkdirSync(keys.folder);
  assert.equal(await worker.verifying("unknown"), undefined);
  assert.notEqual(await worker.verifying(kid), undefined, "it was read again within the second");
  keys.pass(1_000);
  assert.equal(await worker.verifying("unknown"), undefined);
  assert.equal(await worker.verifying(kid), undefined);
  await refused(worker.current(), "unavailable");
});

test("two processes at the first start end with the same keys", async () => {
  using keys = temp();
  const script =
    `import { rotateKeys } from "#adapters/keys/rotate.ts"; import { openKeyRing } from "#adapters/keys/key-ring.ts";` +
    `import { folderKeys } from "#adapters/keys/folder-keys.ts";` +
    `const place = folderKeys(process.argv[1]); const clock = Date.now;` +
    `await rotateKeys({ place, rotation: 1e9, overlap: 1e6, clock, mine: () => true });` +
    `const keys = await openKeyRing({ place, clock, warn() {} });` +
    `console.log(JSON.stringify(await keys.jwks()));`;
  const run = promisify(execFile);
  const root = join(import.meta.dirname, "../..");
  const outcomes = await Promise.all(
    [1, 2, 3].map(() =>
      run(process.execPath, ["--conditions=berth-src", "--input-type=module", "-e", script, keys.folder], {
        cwd: root,
        timeout: 60_000,
      }),
    ),
  );
  const [first = "", ...others] = outcomes.map(({ stdout }) => stdout);
  assert.match(first, /"kid"/);
  for (const other of others) assert.equal(other, first);
  assert.equal(keys.files().length, 1);
  assert.deepEqual(readdirSync(join(keys.folder, "..")), ["keys"]);
});

test("a key that others can read is refused, with what to do", async () => {
  using keys = temp();
  await keys.rotate();
  const path = join(keys.folder, keys.files()[0] ?? "");
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(path, mode);
    await refused(keys.open(), "storage-failed", /open to other users.*chmod 600/);
    await refused(keys.rotate(), "storage-failed", /chmod 600/);
  }
  chmodSync(path, 0o400);
  await keys.open();
});

test("a damaged or exchanged key is refused, also while running: what was read before stays", async () => {
  using keys = temp();
  await keys.rotate();
  const running = await keys.open();
  const { kid } = await running.current();
  const path = join(keys.folder, keys.files()[0] ?? "");
  writeFileSync(path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  await refused(keys.open(), "storage-failed", /damaged/);
  keys.pass(60_000);
  assert.equal((await running.current()).kid, kid);
  assert.match(keys.warnings[0] ?? "", /damaged/);
});

test("without any key nothing opens", async () => {
  using keys = temp();
  await refused(keys.open(), "storage-failed", /no signing key/);
});

test("a clock that was set back keeps signing", async () => {
  using keys = temp();
  await keys.rotate();
  keys.pass(-day);
  await keys.rotate();
  const opened = await keys.open();
  assert.equal(keys.files().length, 1);
  assert.ok((await opened.current()).kid.length > 0);
});
