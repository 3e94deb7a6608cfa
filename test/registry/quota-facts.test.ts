import assert from "node:assert/strict";
import { test } from "node:test";
import type { Identity } from "#core/caller.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { compileQuotas, type QuotaRule } from "#registry/quotas.ts";

const rule = (rest: Partial<QuotaRule>): QuotaRule => ({
  name: undefined,
  repositories: ["**"],
  per: "all",
  users: [],
  bytes: 10,
  tags: undefined,
  ...rest,
});
const somebody = (rest: Partial<Identity>): Identity => ({
  kind: "user",
  id: "user:1",
  name: "alice",
  admin: false,
  groups: [],
  rights: [],
  ...rest,
});
const app = "team/app" as RepositoryName;

test("without quotas there is nothing to ask", () => {
  const quotas = compileQuotas([]);
  assert.equal(quotas.none, true);
  assert.deepEqual(quotas.facts(somebody({}), app), []);
});

test("a push is under each quota that covers its repository", () => {
  const quotas = compileQuotas([
    rule({ name: "all" }),
    rule({ repositories: ["other/**"] }),
    rule({ repositories: ["team/*", "ci/*"], per: "repository", tags: 3, bytes: undefined }),
  ]);
  assert.deepEqual(quotas.facts(somebody({}), app), [
    {
      name: "quotas[2]",
      bytes: undefined,
      tags: 3,
      scope: { kind: "repositories", pattern: "^team\\/app$", prefix: "team/app" },
    },
    {
      name: "all",
      bytes: 10,
      tags: undefined,
      scope: { kind: "repositories", pattern: "^.*$", prefix: "", globs: ["**"] },
    },
  ]);
});

test("of several globs the scope begins as all of them do", () => {
  const [fact] = compileQuotas([rule({ repositories: ["team/a*", "team/b/**", "team/app"] })]).together();
  assert.ok(fact?.scope.kind === "repositories");
  assert.equal(fact.scope.prefix, "team/");
  assert.equal(fact.scope.pattern, "^(?:team\\/a[^/]*|team\\/b(?:/[^/]+)*|team\\/app)$");
});

test("an account is under its own quotas, an admin's too; who has none can't be", () => {
  const quotas = compileQuotas([
    rule({ name: "everybody's", per: "user" }),
    rule({ name: "interns", per: "user", users: ["group:interns", "robot:ci"] }),
  ]);
  const names = (who: Partial<Identity>) => quotas.facts(somebody(who), app).map(({ name }) => name);
  assert.deepEqual(names({ admin: true }), ["everybody's"]);
  assert.deepEqual(names({ groups: ["interns"] }), ["everybody's", "interns"]);
  assert.deepEqual(names({ kind: "robot", name: "ci", id: "robot:3" }), ["everybody's", "interns"]);
  assert.deepEqual(names({ kind: "anonymous", id: undefined, name: "anonymous" }), []);
  assert.deepEqual(quotas.ofAccount(somebody({}))[0]?.scope, { kind: "owner", owner: "user:1" });
});
