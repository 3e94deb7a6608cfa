import assert from "node:assert/strict";
import { test } from "node:test";
import { parseScopes } from "#auth/scopes.ts";
import { AppError } from "#core/errors.ts";

const pull = (name: string) => ({ type: "repository", name, actions: ["pull"] });

test("several parameters, and several scopes in one", () => {
  assert.deepEqual(parseScopes(["repository:a:pull repository:b/c:push,pull", "registry:catalog:*"]), [
    pull("a"),
    { type: "repository", name: "b/c", actions: ["push", "pull"] },
    { type: "registry", name: "catalog", actions: ["*"] },
  ]);
});

test("equal names become one scope", () => {
  assert.deepEqual(parseScopes(["repository:a:pull", "repository:a:push,pull", "repository:a:pull"]), [
    { type: "repository", name: "a", actions: ["pull", "push"] },
  ]);
});

test("a class behind the type doesn't count", () => {
  assert.deepEqual(parseScopes(["repository(plugin):x:pull"]), [pull("x")]);
});

test("the last colon ends the name: repository:a:b:pull is a repository a:b, which can't be", () => {
  assert.deepEqual(parseScopes(["repository:a:b:pull", "repository:host.example:5000/a:pull"]), []);
});

test("blanks, *, halves and foreign types grant nothing", () => {
  const nothing = [
    "",
    "   ",
    "*",
    ":",
    "::",
    "repository",
    "repository:a",
    "repository:a:",
    "repository::pull",
  ];
  assert.deepEqual(
    parseScopes([
      ...nothing,
      "repository:*:*",
      "repository:../x:pull",
      "repository:UPPER:pull",
      "repository:_uploads:pull",
      "artifact:a:pull",
      "registry:other:*",
      `repository:${"a".repeat(256)}:pull`,
      "__proto__:a:pull",
    ]),
    [],
  );
  assert.deepEqual(parseScopes(["  repository:a:pull\t repository:b:,pull, "]), [pull("a"), pull("b")]);
});

test("100 different scopes are one token's, 101 and 1,000 are too many", () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `repository:r${at}:pull`);
  const tooMany = (error: unknown) => error instanceof AppError && error.code === "scope-invalid";
  assert.equal(parseScopes(many(100)).length, 100);
  assert.throws(() => parseScopes(many(101)), tooMany);
  assert.throws(() => parseScopes([many(1_000).join(" ")]), tooMany);
  assert.throws(() => parseScopes(Array.from({ length: 1_000 }, () => "repository:a:pull")), tooMany);
});
