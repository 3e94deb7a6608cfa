import assert from "node:assert/strict";
import { test } from "node:test";
import type { UpstreamConfig } from "#config/config.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { expectError, expectStatus } from "../harness/registry-response.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { startFaultyUpstream, type FaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { upstreamItem } from "./cache.ts";
import { until } from "./until.ts";

const policy = `  rules:
    - {repositories: 'docker.io/**', who: 'user:alice', allow: '*'}
    - {repositories: 'docker.io/library/open', who: anonymous, allow: pull}
    - {repositories: 'team/**', who: 'user:bob', allow: '*'}`;

function guarded(upstream: FaultyUpstream, item: Partial<UpstreamConfig> = {}) {
  const upstreams = [upstreamItem({ name: "docker.io", url: upstream.url, ...item })];
  return startGuarded(policy, "", { upstreams });
}

test("a cached repository that the policy doesn't let B pull, filled by A, stays closed to B", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream);
  const image = oci.image({ layers: [freshBytes(300_000)] });
  upstream.add("library/closed", image, "latest");
  const [alice, bob] = [house.as(await house.addUser("alice")), house.as(await house.addUser("bob"))];
  const base = "/v2/docker.io/library/closed";
  const paths = [
    `${base}/manifests/latest`,
    `${base}/manifests/${image.digest}`,
    ...image.blobs.map(({ digest }) => `${base}/blobs/${digest}`),
    `${base}/tags/list`,
    `${base}/referrers/${image.digest}`,
    `/v2/library/closed/manifests/latest?ns=docker.io`,
  ];
  for (const path of paths) expectStatus(await alice.get(path), 200);
  upstream.forget();
  for (const path of paths) {
    expectError(await bob.get(path), 403, "DENIED");
    expectStatus(await bob.head(path), 403);
    expectStatus(await house.as(undefined).get(path), 401);
  }
  // Not through a repository of one's own, either.
  const digest = image.blobs[1]?.digest;
  const mount = `/v2/team/b/blobs/uploads/?mount=${digest}`;
  expectStatus(await bob.request("POST", `${mount}&from=docker.io/library/closed`), 202);
  expectStatus(await bob.request("POST", mount), 202);
  const catalog = await house
    .bearer(await house.token({ name: "bob", secret: "password-of-bob" }, "registry:catalog:*"))
    .get("/v2/_catalog");
  assert.deepEqual(JSON.parse(catalog.body.toString()), { repositories: [] });
  assert.equal(upstream.count(), 0);
});

test("what was pulled through can be mounted by who may pull it", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream);
  const image = oci.image({ layers: [freshBytes(300_000)] });
  upstream.add("library/open", image, "latest");
  const bob = house.as(await house.addUser("bob"));
  const layer = image.blobs[1]?.digest;
  expectStatus(await bob.get(`/v2/docker.io/library/open/blobs/${layer}`), 200);
  const mount = `/v2/team/b/blobs/uploads/?mount=${layer}&from=docker.io/library/open`;
  await until(async () => (await bob.request("POST", mount)).status === 201);
});

test("a private blob isn't given away by a cached repository that names it", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream);
  await house.addUser("alice");
  const secret = freshBytes(200_000);
  const bob = house.as(await house.addUser("bob"));
  const digest = await bob.pushBlob(secret, { repo: "team/private" });
  // Whoever may publish there names the digest of something private here.
  const bait = oci.image({
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: secret.length }],
  });
  upstream.add("library/open", bait, "latest");
  const anybody = house.as(undefined);
  expectStatus(await anybody.get("/v2/docker.io/library/open/manifests/latest"), 200);
  for (const answer of [
    await anybody.get(`/v2/docker.io/library/open/blobs/${digest}`),
    await anybody.head(`/v2/docker.io/library/open/blobs/${digest}`),
  ])
    expectStatus(answer, 404);
});

test("a mirror's address serves what anonymous may pull, whoever asks", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream, { mirror_listen: [{ host: "127.0.0.1", port: 0 }] });
  for (const name of ["library/open", "library/closed"]) upstream.add(name, oci.image(), "latest");
  const alice = await house.addUser("alice");
  const url = house.berth.urls[1] ?? "";
  for (const headers of [{}, { authorization: house.basicOf(alice) }, { authorization: "Bearer nonsense" }]) {
    const mirror = registryClient(url, {}, headers);
    expectStatus(await mirror.get("/v2/"), 200);
    expectStatus(await mirror.get("/v2/library/open/manifests/latest"), 200);
    const closed = await mirror.get("/v2/library/closed/manifests/latest");
    expectError(closed, 403, "DENIED");
    assert.equal(closed.headers.get("www-authenticate"), undefined, "nobody is asked to sign in there");
  }
});

test("the client's credentials never go upstream", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream);
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  const alice = await house.addUser("alice");
  const cookie = { cookie: "session=secret-of-alice", "proxy-authorization": "Basic c2VjcmV0" };
  const client = registryClient(house.berth.url, {}, { authorization: house.basicOf(alice), ...cookie });
  const base = "/v2/docker.io/library/busybox";
  for (const path of [
    `${base}/manifests/latest`,
    `${base}/blobs/${image.blobs[0]?.digest}`,
    `${base}/tags/list`,
    `${base}/referrers/${image.digest}`,
  ])
    expectStatus(await client.get(path), 200);
  assert.ok(upstream.count() >= 4);
  for (const { headers, path } of upstream.requests) {
    assert.equal(headers.authorization, undefined, path);
    const text = JSON.stringify(headers);
    assert.doesNotMatch(text, /secret|alice|c2VjcmV0/, path);
  }
});

test("an account that is called like the upstream owns nothing of it", async () => {
  await using upstream = await startFaultyUpstream();
  await using house = await guarded(upstream, { push: "allow" });
  upstream.add("library/closed", oci.image(), "latest");
  const squatter = house.as(await house.addUser("docker.io"));
  expectStatus(await squatter.get("/v2/docker.io/library/closed/manifests/latest"), 403);
  expectStatus(await squatter.request("POST", "/v2/docker.io/library/mine/blobs/uploads/"), 403);
});
