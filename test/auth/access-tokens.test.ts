import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { contentsOf } from "./forge.ts";
import { refused } from "./refused.ts";
import { openHouse, operator, service } from "./token-house.ts";

const rules = [
  { name: undefined, repositories: ["public/**"], who: ["anonymous"], allow: ["pull" as const] },
  {
    name: undefined,
    repositories: ["shared/**"],
    who: ["group:dev"],
    allow: ["pull" as const, "push" as const],
  },
];

describe("access tokens", () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let alice: number;
  const password = { kind: "password", name: "alice", secret: "correct horse" } as const;
  before(async () => {
    house = await openHouse({ rules });
    alice = await house.addUser("alice", "correct horse");
  });
  after(() => house[Symbol.asyncDispose]());

  test("a token says who it is for, by whom and how long, and names its key", async () => {
    const { token, expiresIn, issuedAt } = await house.issue(password, ["repository:alice/app:pull,push"]);
    const { header, claims } = contentsOf(token);
    const { kid } = await house.keys.current();
    assert.deepEqual(header, { alg: "ES256", typ: "JWT", kid });
    assert.equal(claims["iss"], service);
    assert.equal(claims["aud"], service);
    assert.equal(claims["sub"], "alice");
    assert.equal(claims["iat"], issuedAt / 1000);
    assert.equal(claims["exp"], issuedAt / 1000 + expiresIn);
    assert.equal(expiresIn, 300);
    assert.deepEqual(claims["access"], [
      { type: "repository", name: "alice/app", actions: ["pull", "push"] },
    ]);
  });

  test("a partly allowed scope is granted partly, one that isn't allowed is left out", async () => {
    const scopes = ["repository:public/x:pull,push,delete repository:secret/y:pull", "repository:alice/z:*"];
    const { token, scope } = await house.issue(password, scopes);
    assert.equal(scope, "repository:public/x:pull repository:alice/z:pull,push,delete,*");
    const { grants } = await house.tokens.verify(token);
    assert.deepEqual(grants, [
      { type: "repository", name: "public/x", actions: ["pull"] },
      { type: "repository", name: "alice/z", actions: ["pull", "push", "delete", "*"] },
    ]);
  });

  test("an anonymous token is good for what everybody may", async () => {
    const { token, name } = await house.issue({ kind: "none" }, [
      "repository:public/x:pull,push",
      "repository:alice/a:pull",
      "registry:catalog:*",
    ]);
    assert.equal(name, "anonymous");
    const known = await house.tokens.verify(token);
    assert.equal(known.kind, "anonymous");
    assert.equal(known.id, undefined);
    assert.deepEqual(known.grants, [
      { type: "repository", name: "public/x", actions: ["pull"] },
      { type: "registry", name: "catalog", actions: ["*"] },
    ]);
  });

  test("who is behind a token is looked up for each request: groups count at once", async () => {
    await house.accounts.addGroup("dev", operator, house.clock());
    const { token } = await house.issue(password, []);
    assert.deepEqual((await house.tokens.verify(token)).groups, []);
    await house.accounts.join("dev", alice, operator, house.clock());
    assert.deepEqual((await house.tokens.verify(token)).groups, ["dev"]);
    await house.accounts.leave("dev", alice, operator, house.clock());
    assert.deepEqual((await house.tokens.verify(token)).groups, []);
  });

  test("a token ends: at its expiry and the minute that clocks may differ", async () => {
    const { token } = await house.issue(password, []);
    house.pass(300_000 + 55_000);
    assert.equal((await house.tokens.verify(token)).name, "alice");
    house.pass(10_000);
    await refused(house.tokens.verify(token), "unauthenticated", /expired/);
    await refused(house.tokens.verify(token), "unauthenticated", /expired/);
  });

  test("a personal token's limits go with the tokens issued from it", async () => {
    const limits = [{ repositories: "alice/**", actions: ["pull" as const, "push" as const] }];
    const { text, id } = await house.addSecret(alice, "personal", limits);
    const { token, scope } = await house.issue({ kind: "password", name: "alice", secret: text }, [
      "repository:alice/a:pull,push,delete,overwrite",
      "repository:public/x:pull",
    ]);
    assert.equal(scope, "repository:alice/a:pull,push");
    assert.deepEqual((await house.tokens.verify(token)).limits, limits);
    await house.accounts.removeSecret(id, operator, house.clock());
    await refused(house.tokens.verify(token), "unauthenticated", /revoked/);
  });
});

describe("a revoked user", () => {
  const password = { kind: "password", name: "bob", secret: "correct horse" } as const;
  type House = Awaited<ReturnType<typeof openHouse>>;
  const ways: [string, (house: House, id: number) => Promise<unknown>][] = [
    ["disabled", (house, id) => house.accounts.change(id, { enabled: false }, operator, house.clock())],
    [
      "with a new password",
      (house, id) => house.accounts.change(id, { passwordHash: "x" }, operator, house.clock()),
    ],
    [
      "logged out everywhere",
      (house, id) => house.accounts.change(id, { endTokens: true }, operator, house.clock()),
    ],
    ["removed", (house, id) => house.accounts.remove(id, operator, house.clock())],
  ];
  for (const [how, revoke] of ways)
    test(`${how}: access and refresh tokens that are out end at once`, async () => {
      await using house = await openHouse();
      const id = await house.addUser("bob", "correct horse");
      const { token, refreshToken = "" } = await house.issue(password, [], "docker");
      assert.equal((await house.tokens.verify(token)).name, "bob");
      house.pass(5);
      await revoke(house, id);
      await refused(house.tokens.verify(token), "unauthenticated", /revoked/);
      await refused(house.issue({ kind: "refresh", token: refreshToken }), "unauthenticated");
    });

  test("a new account of the same name doesn't get the old one's tokens", async () => {
    await using house = await openHouse();
    const id = await house.addUser("bob", "correct horse");
    const { token } = await house.issue(password, []);
    await house.accounts.remove(id, operator, house.clock());
    await house.addUser("bob", "another one");
    await refused(house.tokens.verify(token), "unauthenticated", /revoked/);
  });
});
