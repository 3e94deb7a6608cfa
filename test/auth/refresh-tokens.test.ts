import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { refused } from "./refused.ts";
import { openHouse, operator } from "./token-house.ts";

describe("refresh tokens", () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let alice: number;
  const password = { kind: "password", name: "alice", secret: "correct horse" } as const;
  before(async () => {
    house = await openHouse();
    alice = await house.addUser("alice", "correct horse");
  });
  after(() => house[Symbol.asyncDispose]());

  test("only who asks gets one; it stands among the account's secrets by the client's name, hashed", async () => {
    assert.equal((await house.issue(password)).refreshToken, undefined);
    const { refreshToken = "" } = await house.issue(password, [], "docker\n\u0000 CLI");
    assert.match(refreshToken, /^brt_[\w-]{43}$/);
    const [secret] = await house.accounts.secrets(alice);
    assert.equal(secret?.kind, "refresh");
    assert.equal(secret.label, "docker CLI");
    assert.ok(!JSON.stringify(secret).includes(refreshToken));
  });

  test("it is good again and again, for what the account may now", async () => {
    const { refreshToken = "" } = await house.issue(password, [], "docker");
    for (let round = 0; round < 3; round++) {
      const again = await house.issue({ kind: "refresh", token: refreshToken }, ["repository:alice/a:pull"]);
      assert.equal(again.refreshToken, undefined);
      assert.equal(again.scope, "repository:alice/a:pull");
      assert.equal((await house.tokens.verify(again.token)).name, "alice");
    }
  });

  test("replay of an ended one is refused, and the access tokens made from it end with it", async () => {
    const { refreshToken = "" } = await house.issue(password, [], "docker");
    const { token } = await house.issue({ kind: "refresh", token: refreshToken });
    assert.equal((await house.tokens.verify(token)).name, "alice");
    const [newest] = await house.accounts.secrets(alice);
    await house.accounts.removeSecret(newest?.id ?? 0, operator, house.clock());
    await refused(house.issue({ kind: "refresh", token: refreshToken }), "unauthenticated", /sign in again/);
    await refused(house.tokens.verify(token), "unauthenticated", /revoked/);
  });

  test("nobody signs in to /v2/ with one, and other secrets don't refresh", async () => {
    const { refreshToken = "" } = await house.issue(password, [], "docker");
    await refused(house.issue({ kind: "password", name: "alice", secret: refreshToken }), "unauthenticated");
    const { text } = await house.addSecret(alice, "personal");
    for (const token of [text, "", "brt_", `brt_${"A".repeat(43)}`, "correct horse", "x".repeat(100_000)])
      await refused(house.issue({ kind: "refresh", token }), "unauthenticated", /sign in again/);
  });

  test("personal tokens, robots, workloads and anonymous get none: it would outlive what it came from", async () => {
    const { text } = await house.addSecret(alice, "personal");
    assert.equal((await house.issue({ ...password, secret: text }, [], "docker")).refreshToken, undefined);
    assert.equal((await house.issue({ kind: "none" }, [], "docker")).refreshToken, undefined);
  });

  test("an account keeps its 100 newest", async () => {
    const { refreshToken = "" } = await house.issue(password, [], "oldest");
    for (let at = 0; at < 100; at++) await house.issue(password, [], `client ${at}`);
    const refreshing = (await house.accounts.secrets(alice)).filter(({ kind }) => kind === "refresh");
    assert.equal(refreshing.length, 100);
    await refused(house.issue({ kind: "refresh", token: refreshToken }), "unauthenticated");
  });

  test("it expires", async () => {
    const { refreshToken = "" } = await house.issue(password, [], "docker");
    const { token } = await house.issue({ kind: "refresh", token: refreshToken });
    house.pass(3_600_000);
    await refused(house.issue({ kind: "refresh", token: refreshToken }), "unauthenticated", /sign in again/);
    await refused(house.tokens.verify(token), "unauthenticated");
  });
});
