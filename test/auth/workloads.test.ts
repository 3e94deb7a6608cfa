import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createIssuerKeys } from "#auth/issuer-keys.ts";
import type { WorkloadIssuer } from "#auth/workloads.ts";
import { createFetchJson } from "#kit/fetch-json.ts";
import { fileText } from "#kit/file-cache.ts";
import { byHmac, byKey, forge, jwk, keyPairs } from "./forge.ts";
import { refused } from "./refused.ts";
import { openHouse, serve, service } from "./token-house.ts";

const { rsa, ec } = keyPairs();
const keyParts = {
  watch: fileText,
  fetchJson: createFetchJson(),
  warn: () => undefined,
  clock: Date.now,
};

describe("workload identity", () => {
  const parts = new AsyncDisposableStack();
  let house: Awaited<ReturnType<typeof openHouse>>;
  let issuer: string;
  let lie: object = {};
  let one: WorkloadIssuer;
  before(async () => {
    issuer = await serve(parts, (request, response) => {
      if (request.url === "/keys")
        response.end(JSON.stringify({ keys: [jwk(rsa.publicKey, { kid: "ci", alg: "RS256" })] }));
      else if (request.url === "/.well-known/openid-configuration")
        response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, ...lie }));
      else response.writeHead(404).end();
    });
    const keys = createIssuerKeys({ issuer, jwks_file: undefined, jwks_url: undefined }, keyParts);
    one = {
      name: "github",
      issuer,
      audience: service,
      keys,
      rules: [
        { claims: { repository: "acme/app", ref: "refs/tags/v*", protected: "true" }, groups: ["release"] },
        { claims: { repository: "acme/*" }, groups: ["ci"] },
        { claims: { roles: "admin*", run: "17" }, groups: ["roles"] },
      ],
    };
    const rules = [
      { name: undefined, repositories: ["acme/**"], who: ["group:ci"], allow: ["push" as const] },
    ];
    house = await openHouse({ workloads: [one], rules });
  });
  after(async () => {
    await house[Symbol.asyncDispose]();
    await parts.disposeAsync();
  });

  const job = (claims: object = {}, header: object = {}, key = rsa.privateKey) => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: issuer,
      aud: service,
      sub: "repo:acme/app",
      exp: now + 60,
      iat: now,
      nbf: now,
      ...claims,
    };
    return forge({ alg: "RS256", kid: "ci", typ: "JWT", ...header }, all, byKey(key));
  };
  const groupsOf = async (claims: object) => {
    const { token } = await house.issue({ kind: "workload", token: job(claims) });
    return (await house.tokens.verify(token)).groups;
  };

  test("a job's token is exchanged for one that its rule's groups may", async () => {
    const { token, scope, refreshToken } = await house.issue(
      { kind: "workload", token: job({ repository: "acme/app" }) },
      ["repository:acme/app:pull,push"],
      "ci",
    );
    assert.equal(scope, "repository:acme/app:push");
    assert.equal(refreshToken, undefined);
    const known = await house.tokens.verify(token);
    assert.deepEqual(
      [known.kind, known.id, known.name, known.groups],
      ["workload", "workload:github:repo:acme/app", "github", ["ci"]],
    );
  });

  test("it also works as the password of any name", async () => {
    const { name } = await house.issue({
      kind: "password",
      name: "ci",
      secret: job({ repository: "acme/x" }),
    });
    assert.equal(name, "github");
  });

  test("the first rule that all claims match decides; texts, booleans, numbers and lists", async () => {
    const release = { repository: "acme/app", ref: "refs/tags/v1/x" };
    assert.deepEqual(await groupsOf({ ...release, protected: true }), ["release"]);
    assert.deepEqual(await groupsOf({ ...release, protected: "true" }), ["release"]);
    assert.deepEqual(await groupsOf({ ...release, protected: false }), ["ci"]);
    assert.deepEqual(await groupsOf({ ...release, ref: "refs/heads/v1", protected: true }), ["ci"]);
    assert.deepEqual(await groupsOf({ roles: ["dev", "admins"], run: 17 }), ["roles"]);
  });

  test("no rule, no entry", async () => {
    for (const claims of [
      {},
      { repository: "evil/acme/app" },
      { repository: "acme" },
      { repository: ["evil/x", 5, null] },
      { repository: { "acme/": 1 } },
      { roles: [], run: 17 },
      { roles: "user", run: 17 },
    ])
      await refused(house.issue({ kind: "workload", token: job(claims) }), "unauthenticated", /no rule/);
  });

  test("another issuer, audience, key, algorithm, time; no subject", async () => {
    const now = Math.floor(Date.now() / 1000);
    const repository = "acme/app";
    for (const token of [
      job({ repository, iss: `${issuer}/` }),
      job({ repository, iss: undefined }),
      job({ repository, aud: "other" }),
      job({ repository, aud: `${service}.evil` }),
      job({ repository, exp: now - 61 }),
      job({ repository, nbf: now + 100 }),
      job({ repository, sub: undefined }),
      job({ repository, sub: "" }),
      job({ repository }, { kid: "other" }),
      job({ repository }, { alg: "ES256", jwk: jwk(ec.publicKey) }, ec.privateKey),
      job({ repository }, {}, keyPairs().rsa.privateKey),
      forge(
        { alg: "none" },
        { iss: issuer, aud: service, sub: "x", exp: now + 60, repository },
        () => undefined,
      ),
      forge(
        { alg: "HS256", kid: "ci" },
        { iss: issuer, aud: service, sub: "x", exp: now + 60, repository },
        byHmac(rsa.publicKey.export({ type: "spki", format: "pem" })),
      ),
      "no token",
    ])
      await refused(house.issue({ kind: "workload", token }), "unauthenticated");
  });

  test("a job's token is no access token, and ours is no job's", async () => {
    await refused(house.tokens.verify(job({ repository: "acme/app" })), "unauthenticated");
    const { token } = await house.issue({ kind: "workload", token: job({ repository: "acme/app" }) });
    await refused(house.issue({ kind: "workload", token }), "unauthenticated");
  });

  test("a discovery document for another issuer isn't believed", async () => {
    const keysOf = () => createIssuerKeys({ issuer, jwks_file: undefined, jwks_url: undefined }, keyParts);
    lie = { issuer: "https://evil.example" };
    await refused(keysOf().candidates(undefined), "unavailable");
    lie = { jwks_uri: "file:///etc/passwd" };
    await refused(keysOf().candidates(undefined), "unavailable");
    lie = {};
    assert.equal((await keysOf().candidates("ci")).length, 1);
  });

  test("sign-ins and failures are noted, without the token", () => {
    const actions = new Set(house.noted.map(({ action }) => action));
    assert.deepEqual(actions, new Set(["sign-in", "sign-in-failed"]));
    assert.ok(!JSON.stringify(house.noted).includes("eyJ"));
  });

  test("a provider that is taken out ends its access tokens", async () => {
    const { token } = await house.issue({ kind: "workload", token: job({ repository: "acme/app" }) });
    house.issuers.swap([]);
    await refused(house.tokens.verify(token), "unauthenticated", /revoked/);
    house.issuers.swap([one]);
    assert.equal((await house.tokens.verify(token)).name, "github");
  });
});
