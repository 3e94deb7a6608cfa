import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus, registryClient, unknownDigest, type Response } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const form =
  /^Bearer realm="http:\/\/[a-z0-9.:[\]-]+\/token",service="[a-z0-9.:-]+"(,scope="[^"\\]+")?(,error="[a-z_]+")?$/i;

/** The one challenge of a refusal. */
function challengeOf(answer: Response): string {
  expectStatus(answer, 401);
  const all = answer.headers.all("www-authenticate");
  assert.equal(all.length, 1, all.join(" | "));
  assert.match(all[0] ?? "", form);
  return all[0] ?? "";
}

test("every refused route has exactly one challenge, all quoted, with its scope; HEAD as GET", async () => {
  await using house = await startGuarded();
  const client = house.as(undefined);
  const digest = unknownDigest();
  const scopeOf = (actions: string) => `,scope="repository:team/app:${actions}"`;
  for (const [method, path, scope] of [
    ["GET", "/v2/", ""],
    ["HEAD", "/v2/", ""],
    ["GET", "/v2", ""],
    ["GET", "/v2/_catalog", ',scope="registry:catalog:*"'],
    ["GET", "/v2/team/app/tags/list", scopeOf("pull")],
    ["HEAD", "/v2/team/app/tags/list", scopeOf("pull")],
    ["GET", "/v2/team/app/manifests/v1", scopeOf("pull")],
    ["HEAD", "/v2/team/app/manifests/v1", scopeOf("pull")],
    ["HEAD", `/v2/team/app/blobs/${digest}`, scopeOf("pull")],
    ["GET", `/v2/team/app/referrers/${digest}`, scopeOf("pull")],
    ["PUT", "/v2/team/app/manifests/v1", scopeOf("pull,push")],
    ["POST", "/v2/team/app/blobs/uploads/", scopeOf("pull,push")],
    ["DELETE", "/v2/team/app/manifests/v1", scopeOf("delete")],
    ["DELETE", `/v2/team/app/blobs/${digest}`, scopeOf("delete")],
    [
      "POST",
      `/v2/team/app/blobs/uploads/?mount=${digest}&from=other/app`,
      ',scope="repository:team/app:pull,push repository:other/app:pull"',
    ],
    ["GET", "/metrics", ""],
    ["HEAD", "/metrics", ""],
    ["GET", "/api/v1/users", ""],
  ] as const) {
    const challenge = challengeOf(await client.request(method, path));
    assert.equal(challenge, `Bearer realm="${house.url}/token",service="berth"${scope}`, `${method} ${path}`);
  }
});

test("wrong credentials and bad tokens get exactly one challenge too", async () => {
  await using house = await startGuarded();
  const path = "/v2/team/app/manifests/v1";
  assert.doesNotMatch(challengeOf(await house.as({ name: "no", secret: "body" }).get(path)), /error=/);
  assert.match(challengeOf(await house.bearer("nonsense").get(path)), /,error="invalid_token"$/);
  challengeOf(await house.withHeader("Digest abc").get(path));
  const anonymous = await house.token(undefined, "repository:team/app:pull");
  assert.match(challengeOf(await house.bearer(anonymous).get(path)), /,error="insufficient_scope"$/);
});

for (const host of [
  'evil"example.org',
  'a",error="x',
  "a b",
  "evil.example.org/path",
  "user@evil.example.org",
  "a,b",
  "a\\b",
  "<script>",
  "%0d%0aX:y",
  "evil.example.org:99999999",
  "[::1",
  "ä.example.org",
  "",
])
  test(`a Host of ${JSON.stringify(host)} doesn't get into the challenge`, async () => {
    await using house = await startGuarded();
    const bytes = Buffer.from(`GET /v2/a/b/tags/list HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answer = await house.as(undefined).raw(bytes);
    if (answer.status === 400) return;
    assert.equal(
      challengeOf(answer),
      `Bearer realm="${house.url}/token",service="berth",scope="repository:a/b:pull"`,
    );
  });

test("without a Host (HTTP/1.0) the challenge names the address of the connection", async () => {
  await using house = await startGuarded();
  const answer = await house.as(undefined).raw("GET /v2/ HTTP/1.0\r\n\r\n");
  assert.equal(challengeOf(answer), `Bearer realm="${house.url}/token",service="berth"`);
});

test("X-Forwarded headers of anybody don't get into the challenge; external_url does", async () => {
  const lie = {
    "x-forwarded-host": "evil.example.org",
    "x-forwarded-proto": "https",
    forwarded: "host=evil",
  };
  {
    await using house = await startGuarded();
    const challenge = challengeOf(await house.as(undefined).get("/v2/", lie));
    assert.match(challenge, new RegExp(`realm="${house.url}/token"`));
  }
  await using house = await startGuarded("  rules: []", "", { external_url: "http://registry.example.org" });
  const client = registryClient(house.url);
  const challenge = challengeOf(await client.get("/v2/", { ...lie, host: "evil.example.org" }));
  assert.match(challenge, /^Bearer realm="http:\/\/registry\.example\.org\/token"/);
});

test("names and parameters that break out of quotes never reach the challenge", async () => {
  await using house = await startGuarded();
  for (const path of [
    `/v2/a%22,error=%22x/manifests/v1`,
    `/v2/a"b/manifests/v1`,
    `/v2/a%0d%0aSet-Cookie:%20x/manifests/v1`,
    `/v2/a/blobs/uploads/?mount=${unknownDigest()}&from=a%22b`,
    `/v2/a/blobs/uploads/?mount=x&from=${encodeURIComponent('b",scope="repository:c:pull')}`,
  ]) {
    const answer = await house.as(undefined).request("POST", path);
    assert.ok(answer.headers.get("set-cookie") === undefined);
    for (const challenge of answer.headers.all("www-authenticate")) assert.match(challenge, form);
  }
});

test("/token answers wrong credentials with exactly one Basic challenge", async () => {
  await using house = await startGuarded();
  const answer = await house.as({ name: "no", secret: "body" }).get("/token");
  expectStatus(answer, 401);
  assert.deepEqual(answer.headers.all("www-authenticate"), ['Basic realm="berth"']);
});
