import assert from "node:assert/strict";
import { test } from "node:test";
import { ociManifest } from "#oci/media-type.ts";
import { releases, withRelease } from "../import/distribution.ts";
import { startDistributionUpstream } from "../upstreams/distribution-upstream.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { registriesPlace, signedIn } from "./registries-place.ts";

const account = { name: "carol", secret: "the secret" };

for (const release of releases)
  test(
    `docker-registry ${release.version}: sent once, mounted from where it was sent before`,
    withRelease(release),
    async () => {
      await using upstream = await startDistributionUpstream(release, account);
      await using place = await registriesPlace(undefined);
      const image = oci.image({ layers: [freshBytes(2_500_000), freshBytes(20)] });
      const loaded = await place.load(image);
      const who = signedIn(account, upstream.host);
      await place.push(loaded, `${upstream.host}/team/app:1`, who);
      const authorization = `Basic ${Buffer.from(`${account.name}:${account.secret}`).toString("base64")}`;
      const client = registryClient(upstream.url, {}, { authorization, accept: ociManifest });
      assert.deepEqual((await client.get("/v2/team/app/manifests/1")).body, image.bytes);
      for (const { digest, bytes } of image.blobs)
        assert.deepEqual((await client.get(`/v2/team/app/blobs/${digest}`)).body, bytes);
      const layer = image.blobs[1]?.digest;
      assert.deepEqual(place.steps.filter(({ digest }) => digest === layer).at(-1), {
        ...{ digest: layer, state: "moved", current: 2_500_000, total: 2_500_000 },
      });

      await place.push(loaded, `${upstream.host}/team/app:2`, who);
      assert.deepEqual(new Set(place.steps.map(({ state }) => state)), new Set(["waiting", "there"]));
      await place.push(loaded, `${upstream.host}/team/other:1`, who);
      assert.deepEqual(
        place.steps.filter(({ state }) => state !== "waiting").map(({ state, from }) => [state, from]),
        [
          ["mounted", "team/app"],
          ["mounted", "team/app"],
        ],
      );
      assert.deepEqual((await client.get("/v2/team/other/manifests/1")).body, image.bytes);
      await assert.rejects(place.push(loaded, `${upstream.host}/team/app:3`), {
        code: "engine-failed",
        message: /^unauthorized: /,
      });
    },
  );

test("another Berth with tokens: one for both ways, refusals in its own words", async () => {
  await using house = await startGuarded(`  rules:
    - {repositories: 'team/**', who: 'user:alice', allow: [pull, push]}
  immutable_tags:
    - {repositories: 'team/**', tags: 'v*'}`);
  const alice = await house.addUser("alice");
  await using place = await registriesPlace(undefined);
  const { host } = new URL(house.url);
  const image = oci.image({ docker: true, layers: [freshBytes(700_000)] });
  const who = signedIn(alice, host);
  await place.push(await place.load(image), `${host}/team/app:v1`, who);
  assert.deepEqual((await house.as(alice).get("/v2/team/app/manifests/v1")).body, image.bytes);
  await place.push(await place.load(image), `${host}/team/other:1`, who);
  assert.ok(place.steps.some(({ state }) => state === "mounted"));
  await assert.rejects(place.push(await place.load(oci.image()), `${host}/team/app:v1`, who), {
    code: "engine-failed",
    message: /^denied: .*v1/,
  });
  await assert.rejects(place.push(await place.load(oci.image()), `${host}/base/app:1`, who), /denied: /);
});

test("nobody there", async () => {
  await using place = await registriesPlace(undefined);
  await assert.rejects(place.push(await place.load(oci.image()), "127.0.0.1:9/app:1"), {
    code: "engine-failed",
    message: 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
  });
});
