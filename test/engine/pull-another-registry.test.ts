import assert from "node:assert/strict";
import { test } from "node:test";
import { releases, startDistribution, withRelease } from "../import/distribution.ts";
import { startDistributionUpstream } from "../upstreams/distribution-upstream.ts";
import { startBerth } from "../harness/berth.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { isWhole, registriesPlace, signedIn } from "./registries-place.ts";

const [debian] = releases;

test(
  "docker-registry: pulled into the engine's own blobs, layers that are there aren't fetched again",
  withRelease(debian),
  async () => {
    await using upstream = await startDistributionUpstream(debian);
    const base = freshBytes(400_000);
    const [first, second] = [
      oci.image({ layers: [base] }),
      oci.image({ layers: [base, freshBytes(9_000)], docker: true }),
    ];
    await upstream.push("team/app", "1", first);
    await upstream.push("team/app", "2", second);
    await using place = await registriesPlace(undefined);
    const found = await place.pull(`${upstream.host}/team/app:1`);
    assert.ok(await isWhole(place, found));
    assert.deepEqual(await place.ownBlobs(), [first, ...first.blobs].map(({ digest }) => digest).sort());
    const moved = place.steps.filter(({ digest }) => digest === first.blobs[1]?.digest);
    assert.equal(moved[0]?.state, "waiting");
    assert.deepEqual(moved.at(-1), {
      digest: first.blobs[1]?.digest,
      state: "moved",
      current: 400_000,
      total: 400_000,
    });
    upstream.front.forget();
    assert.ok(await isWhole(place, await place.pull(`${upstream.host}/team/app:2`)));
    assert.equal(upstream.front.requests("blob", "GET").length, 2, "a config and a layer");
    assert.equal(await place.find(`${upstream.host}/team/app:1`), undefined, "find asks nobody");
    const { registries } = place;
    const repository = { domain: upstream.host, path: "team/app", tag: undefined, digest: undefined };
    assert.deepEqual((await registries.tags(repository, undefined, AbortSignal.timeout(9_000))).sort(), [
      "1",
      "2",
    ]);
    await assert.rejects(place.pull(`${upstream.host}/team/app:3`), {
      code: "engine-missing",
      message: new RegExp(`^manifest for ${upstream.host}/team/app:3 not found: manifest unknown: `),
    });
  },
);

test(
  "docker-registry with a password: signed in, and told in docker's words when not",
  withRelease(debian),
  async () => {
    const account = { name: "carol", secret: "the secret" };
    await using upstream = await startDistributionUpstream(debian, account);
    await upstream.push("team/app", "1", oci.image());
    await using place = await registriesPlace(undefined);
    const name = `${upstream.host}/team/app:1`;
    assert.ok(await isWhole(place, await place.pull(name, signedIn(account, upstream.host))));
    await assert.rejects(place.pull(name), { code: "engine-missing", message: /^pull access denied for / });
    const wrong = signedIn({ ...account, secret: "no" }, upstream.host);
    await assert.rejects(place.pull(name, wrong), { code: "engine-failed", message: /^unauthorized: / });
    const signal = AbortSignal.timeout(9_000);
    await place.registries.signIn(signedIn(account, `http://${upstream.host}/v1/`), signal);
    await assert.rejects(place.registries.signIn(wrong, signal), {
      code: "unauthenticated",
      message: new RegExp(`^Get "http://${upstream.host}/v2/": unauthorized: `),
    });
  },
);

test("another Berth with tokens", async () => {
  await using house = await startGuarded(
    "  rules:\n    - {repositories: '**', who: 'user:alice', allow: [pull, push]}",
  );
  const alice = await house.addUser("alice");
  const image = oci.image();
  await house.as(alice).push("team/app", image, "1");
  await using place = await registriesPlace(undefined);
  const { host } = new URL(house.url);
  assert.ok(await isWhole(place, await place.pull(`${host}/team/app:1`, signedIn(alice, host))));
  await assert.rejects(place.pull(`${host}/team/app:1`), /^AppError: pull access denied/);
  const signal = AbortSignal.timeout(9_000);
  assert.deepEqual(await place.registries.signIn(signedIn(alice, host), signal), { identityToken: "" });
  await assert.rejects(place.registries.signIn(signedIn({ ...alice, secret: "x" }, host), signal), {
    code: "unauthenticated",
  });
});

test("nobody there, and no such host", async () => {
  await using place = await registriesPlace(undefined);
  await assert.rejects(place.pull("127.0.0.1:9/app:1"), {
    code: "engine-failed",
    message: 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
  });
});

test("where no registry is here, its address is another's", withRelease(debian), async () => {
  await using other = await startDistribution(debian);
  const image = oci.image();
  await registryClient(other.url).push("app", image, "1");
  await using place = await registriesPlace({ url: other.url, data: "/nonexistent/berth" });
  assert.ok(place.registries.ownHosts.includes(other.host));
  assert.ok(await isWhole(place, await place.pull(`${other.host}/app:1`)));
});

test("a download that breaks off goes on where it was", withRelease(debian), async () => {
  await using upstream = await startDistributionUpstream(debian);
  const image = oci.image({ layers: [freshBytes(3_000_000)] });
  await upstream.push("team/app", "1", image);
  await using place = await registriesPlace(undefined);
  const letGo = upstream.front.holdBlobsAfter(1_000_000);
  const pulling = place.pull(`${upstream.host}/team/app:1`);
  for (let look = 0; look < 200 && !place.steps.some(({ state }) => state === "moving"); look++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await upstream.front.close();
  letGo();
  await upstream.front.open();
  assert.ok(await isWhole(place, await pulling));
});

test("a pull that is given up leaves nothing half done", async () => {
  await using berth = await startBerth();
  const image = oci.image({ layers: [freshBytes(2_000_000)] });
  await registryClient(berth.url).push("team/app", image, "1");
  await using place = await registriesPlace(undefined);
  const { host } = new URL(berth.url);
  const given = new AbortController();
  const pulling = place.registries.pull(
    { domain: host, path: "team/app", tag: "1", digest: undefined },
    { os: "linux", architecture: "amd64", variant: undefined },
    undefined,
    ({ state }) => state === "moving" && given.abort(),
    given.signal,
  );
  await assert.rejects(pulling, { name: "AbortError" });
  assert.ok(!(await place.ownBlobs()).includes(image.digest));
});
