import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream, type UpstreamAuth } from "../../upstreams/faulty-upstream.ts";
import { blobOf, manifestOf, rejectsAs, repository, soon, tag, upstreamOf, withPassword } from "./asked.ts";

const bearer: UpstreamAuth = { way: "bearer", username: "us", password: "right" };
const us = withPassword("us", "right");

async function guarded(auth: UpstreamAuth = bearer) {
  const server = await startFaultyUpstream();
  for (const name of ["library/busybox", "library/alpine"]) server.add(name, oci.image(), "latest");
  server.authenticate(auth);
  return server;
}

test("a token is got once for a repository and used until it ends", async () => {
  await using server = await guarded({ ...bearer, expiresIn: 300 });
  let now = 0;
  await using upstream = upstreamOf(server.url, { ...us, now: () => now });
  const id = server.addBlob("library/busybox", freshBytes());
  for (let i = 0; i < 5; i++) await manifestOf(upstream);
  await blobOf(upstream, id);
  assert.equal(server.count("token"), 1);
  const [asked] = server.requests.filter(({ kind }) => kind === "token");
  assert.equal(asked?.path, "/token?service=upstream.test&scope=repository%3Alibrary%2Fbusybox%3Apull");
  // Another repository: its own token, and no 401 first any more.
  server.forget();
  await manifestOf(upstream, tag(), repository("library/alpine"));
  assert.deepEqual(
    server.requests.map(({ kind, status }) => [kind, status]),
    [
      ["token", 200],
      ["manifest", 200],
    ],
  );
  now = 280_000;
  await manifestOf(upstream);
  assert.equal(server.count("token"), 1);
  now = 291_000;
  await manifestOf(upstream);
  assert.equal(server.count("token"), 2);
});

test("a token that says nothing of its end, or ends at once, is used for a minute", async () => {
  for (const expiresIn of [undefined, 1, -5]) {
    await using server = await guarded(expiresIn === undefined ? bearer : { ...bearer, expiresIn });
    let now = 0;
    await using upstream = upstreamOf(server.url, { ...us, now: () => now });
    await manifestOf(upstream);
    now = 49_000;
    await manifestOf(upstream);
    assert.equal(server.count("token"), 1);
    now = 51_000;
    await manifestOf(upstream);
    assert.equal(server.count("token"), 2);
  }
});

test("many that need a token at once ask for it once", async () => {
  await using server = await guarded();
  await using upstream = upstreamOf(server.url, us);
  await Promise.all(Array.from({ length: 8 }, () => manifestOf(upstream)));
  assert.equal(server.count("token"), 1);
});

test("a token that doesn't hold any more is replaced once", async () => {
  await using server = await guarded();
  await using upstream = upstreamOf(server.url, us);
  await manifestOf(upstream);
  server.revokeTokens();
  await Promise.all(Array.from({ length: 4 }, () => manifestOf(upstream)));
  assert.ok(server.count("token") <= 3, `${server.count("token")} tokens`);
});

test("a loop of 401s ends in a refusal", async () => {
  await using server = await guarded();
  await using upstream = upstreamOf(server.url, us);
  server.harm("manifest", "unauthorized");
  await rejectsAs(manifestOf(upstream), "upstream-refused", /doesn't take the upstream's credentials/);
  assert.ok(server.count() <= 4, `${server.count()} requests`);
  server.forget();
  await rejectsAs(manifestOf(upstream), "upstream-refused");
  assert.ok(server.count() <= 4, `${server.count()} requests`);
});

test("a challenge that is another one each time ends in a refusal, too", async () => {
  await using server = await guarded();
  await using upstream = upstreamOf(server.url, us);
  let n = 0;
  server.harm("manifest", () => ({
    challenge: `Bearer realm="${server.url}/token",service="s${n++}",scope="repository:x${n}:pull"`,
  }));
  await rejectsAs(manifestOf(upstream), "upstream-refused");
  assert.ok(server.count() <= 8, `${server.count()} requests`);
});

test("wrong credentials, none at all, and a token server in trouble are told apart", async () => {
  await using server = await guarded();
  await using wrong = upstreamOf(server.url, withPassword("us", "wrong"));
  await rejectsAs(manifestOf(wrong), "upstream-refused", /doesn't take the upstream's credentials/);
  await using nobody = upstreamOf(server.url);
  await rejectsAs(manifestOf(nobody), "upstream-refused", /give the upstream credentials/);
  await using upstream = upstreamOf(server.url, us);
  server.harm("token", { status: 503 }, 1);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /token server 127\.0\.0\.1:\d+ answers 503/);
  server.harm("token", { status: 429, headers: { "retry-after": "9" } }, 1);
  assert.equal((await rejectsAs(manifestOf(upstream), "upstream-limited")).retryAfter, 9);
  server.harm("token", "html", 1);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /not JSON/);
  server.harm("token", { status: 200, body: JSON.stringify({ token: "a\r\nx-header: b" }) }, 1);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /holds no token/);
  server.harm("token", { redirect: `${server.url}/elsewhere` }, 1);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /sends elsewhere/);
  assert.equal(server.count("elsewhere"), 0);
  assert.ok(await manifestOf(upstream));
});

test("a token server that never answers is given up", async () => {
  await using server = await guarded();
  server.harm("token", "silence");
  await using upstream = upstreamOf(server.url, { ...us, timeout: 300 });
  await rejectsAs(manifestOf(upstream), "upstream-failed", /in time/);
});

test("whoever may pull without credentials gets an anonymous token", async () => {
  await using server = await guarded({ ...bearer, anonymous: true });
  await using upstream = upstreamOf(server.url);
  await manifestOf(upstream);
  const [token] = server.requests.filter(({ kind }) => kind === "token");
  assert.equal(token?.headers.authorization, undefined);
});

test("a token that was got with one credential isn't used with another", async () => {
  await using server = await guarded({ ...bearer, anonymous: true });
  let credentials: { username: string; password: string } | undefined;
  await using upstream = upstreamOf(server.url, { credentials: async () => credentials });
  await manifestOf(upstream);
  credentials = { username: "us", password: "right" };
  await manifestOf(upstream);
  credentials = { username: "us", password: "no more" };
  await rejectsAs(manifestOf(upstream), "upstream-refused");
  assert.equal(server.count("token"), 3);
  credentials = { username: "us", password: "right" };
  await manifestOf(upstream);
  assert.equal(server.count("token"), 3);
});

test("Basic is answered with name and password, and from then on at once", async () => {
  await using server = await guarded({ ...bearer, way: "basic" });
  await using upstream = upstreamOf(server.url, us);
  await manifestOf(upstream);
  await manifestOf(upstream);
  assert.equal(server.count("manifest"), 3);
  await using wrong = upstreamOf(server.url, withPassword("us", "wrong"));
  server.forget();
  await rejectsAs(manifestOf(wrong), "upstream-refused");
  assert.equal(server.count(), 2);
  await using nobody = upstreamOf(server.url);
  await rejectsAs(manifestOf(nobody), "upstream-refused", /give the upstream credentials/);
});

test("a bearer token of the configuration goes with everything, and is read again when it is refused", async () => {
  await using server = await guarded();
  let token = "old";
  await using upstream = upstreamOf(server.url, { credentials: async () => ({ token }) });
  await rejectsAs(manifestOf(upstream), "upstream-refused");
  assert.equal(server.requests[0]?.headers.authorization, "Bearer old");
  assert.equal(server.count("token"), 0);
  server.authenticate(undefined);
  token = "new";
  await manifestOf(upstream);
  assert.equal(server.requests.at(-1)?.headers.authorization, "Bearer new");
});

test("an identity token is posted as a refresh token, and goes nowhere else", async () => {
  await using server = await guarded({ ...bearer, identityToken: "identity-1" });
  await using upstream = upstreamOf(server.url, {
    credentials: async () => ({ identityToken: "identity-1" }),
  });
  await manifestOf(upstream);
  const [token] = server.requests.filter(({ kind }) => kind === "token");
  assert.equal(token?.method, "POST");
  assert.equal(token?.path, "/token");
  assert.equal(
    token?.body,
    "service=upstream.test&scope=repository%3Alibrary%2Fbusybox%3Apull&grant_type=refresh_token&client_id=berth&refresh_token=identity-1",
  );
  for (const { kind, headers } of server.requests)
    if (kind !== "token") assert.doesNotMatch(String(headers.authorization), /identity-1/);
});

test("a scope that would let more than read isn't asked for", async () => {
  await using server = await guarded();
  await using upstream = upstreamOf(server.url, us);
  const scope = "repository:library/busybox:pull,push repository:other:delete";
  server.harm("manifest", { challenge: `Bearer realm="${server.url}/token",scope="${scope}"` }, 1);
  await manifestOf(upstream);
  const [token] = server.requests.filter(({ kind }) => kind === "token");
  assert.equal(token?.path, "/token?scope=repository%3Alibrary%2Fbusybox%3Apull");
});

test("check tells a registry that takes the credentials from one that doesn't", async () => {
  await using server = await guarded();
  for (const [parts, good] of [
    [us, true],
    [withPassword("us", "wrong"), false],
    [{}, true],
  ] as const) {
    await using upstream = upstreamOf(server.url, parts);
    if (good) await upstream.check(soon());
    else await rejectsAs(upstream.check(soon()), "upstream-refused");
  }
  server.harm("base", { status: 404 });
  await using upstream = upstreamOf(server.url);
  await rejectsAs(upstream.check(soon()), "upstream-wrong", /no registry/);
});
