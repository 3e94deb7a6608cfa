import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLabel, checkName, checkPassword, checkRights } from "#auth/account-rules.ts";
import { accountName } from "#config/who.ts";
import { hashPassword } from "#kit/password-hash.ts";
import { newSecret } from "#kit/secrets.ts";

const refused = (work: () => unknown) => assert.throws(work, { code: "account-invalid" });

test("names are what the configuration takes for names, up to 64 characters", () => {
  const names = ["a", "alice", "ci-1", "a.b", "a__b", "a--b", "0", "a".repeat(64)];
  for (const name of names) {
    assert.equal(checkName(name), name);
    assert.ok(accountName.test(name));
  }
  const wrong = ["", "A", "a b", "-a", "a-", "a..b", "a/b", "ä", "a:b", "..", "a\n", "__proto__"];
  for (const name of wrong) {
    refused(() => checkName(name));
    assert.ok(!accountName.test(name), name);
  }
  refused(() => checkName("a".repeat(65)));
});

test("a password has 8 characters, 1,000 bytes at most, and is nothing else", async () => {
  const fine = ["12345678", "pass word", "ünïcödé!", "🔒".repeat(8), "x".repeat(1_000)];
  for (const password of fine) assert.equal(checkPassword(password, "alice"), password);
  const wrong = [
    "",
    "1234567",
    "🔒".repeat(7),
    "x".repeat(1_001),
    "ü".repeat(501),
    "tab\tinside",
    "new\nline..",
  ];
  for (const password of wrong) refused(() => checkPassword(password, "alice"));
  refused(() => checkPassword("Long-Name", "long-name"));
  refused(() => checkPassword(newSecret("bpt_"), "alice"));
  const hash = await hashPassword("some password");
  assert.throws(
    () => checkPassword(hash, "alice"),
    (error: Error) => !error.message.includes(hash),
  );
});

test("rights are patterns and actions", () => {
  const fine = [{ repositories: "team/**", actions: ["pull"] as const }];
  assert.deepEqual(checkRights(fine), fine);
  for (const repositories of ["", "UPPER", "a b", "a".repeat(256), "a:b"])
    refused(() => checkRights([{ repositories, actions: ["pull"] }]));
  refused(() => checkRights([{ repositories: "a", actions: [] }]));
  refused(() => checkRights([{ repositories: "a", actions: ["admin" as "pull"] }]));
  refused(() => checkRights(Array.from({ length: 101 }, () => ({ repositories: "a", actions: ["pull"] }))));
});

test("a label is something that a terminal can show", () => {
  assert.equal(checkLabel(" laptop of Zoë "), "laptop of Zoë");
  for (const label of ["", "  ", "x".repeat(201), "\u001b[31mred", "a\u009bb"])
    refused(() => checkLabel(label));
});
