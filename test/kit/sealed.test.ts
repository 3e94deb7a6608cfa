import assert from "node:assert/strict";
import { test } from "node:test";
import { seal, unseal } from "#kit/sealed.ts";

const parts = { secret: "s".repeat(64), use: "tests", id: "one" };
const text = "-----BEGIN PRIVATE KEY-----\nsüß\n";

test("what is sealed comes back, and looks different each time", () => {
  const [a, b] = [seal(text, parts), seal(text, parts)];
  assert.equal(unseal(a, parts), text);
  assert.equal(unseal(b, parts), text);
  assert.notDeepEqual(a, b);
  // Version, then salt, nonce and tag of 60 bytes, then as many bytes as the text has.
  assert.equal(a.length, 61 + Buffer.byteLength(text));
  assert.notDeepEqual(a.subarray(1, 33), b.subarray(1, 33));
  assert.equal(Buffer.from(a).includes("PRIVATE KEY"), false);
  assert.equal(unseal(new Uint8Array(a), parts), text);
});

test("another secret, use or id doesn't open it", () => {
  const sealed = seal(text, parts);
  for (const other of [{ secret: "t".repeat(64) }, { use: "else" }, { id: "two" }, { id: "" }])
    assert.equal(unseal(sealed, { ...parts, ...other }), undefined);
});

test("no byte of it can be changed, added or left out", () => {
  const sealed = Buffer.from(seal("short", parts));
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(unseal(changed, parts), undefined, `byte ${at}`);
    assert.equal(unseal(sealed.subarray(0, at), parts), undefined, `the first ${at} bytes`);
  }
  assert.equal(unseal(Buffer.concat([sealed, Buffer.of(0)]), parts), undefined);
});
