import assert from "node:assert/strict";
import { test } from "node:test";
import { clientNetwork } from "#kit/client-network.ts";
import { createFingerprint, hashSecret, newSecret, sameText } from "#kit/secrets.ts";

test("a secret is its prefix and 256 random bits", () => {
  const secrets = new Set(Array.from({ length: 100 }, () => newSecret("bpt_")));
  assert.equal(secrets.size, 100);
  for (const secret of secrets) assert.match(secret, /^bpt_[A-Za-z0-9_-]{43}$/);
  assert.equal(hashSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("constant-time comparison takes texts of any lengths", () => {
  for (const [a, b, same] of [
    ["", "", true],
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "abcd", false],
    ["", "a", false],
    ["ü", "ü", true],
    ["x".repeat(100_000), "x".repeat(100_000), true],
  ] as const)
    assert.equal(sameText(a, b), same);
});

test("fingerprints tell apart where one part ends, and differ between keys", () => {
  const one = createFingerprint();
  assert.equal(one("a", "b"), one("a", "b"));
  assert.notEqual(one("a", "b"), one("ab", ""));
  assert.notEqual(one("a", "b"), createFingerprint()("a", "b"));
});

test("a client is an IPv4 address, or an IPv6 network", () => {
  for (const [address, network] of [
    ["192.0.2.1", "192.0.2.1"],
    ["", ""],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ] as const)
    assert.equal(clientNetwork(address), network);
});
