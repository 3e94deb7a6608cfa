import assert from "node:assert/strict";
import { test } from "node:test";
import { startGuarded } from "../guarded/guarded.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { registriesPlace, signedIn } from "./registries-place.ts";

const policy = `  rules:
    - {repositories: 'team/**', who: 'user:alice', allow: [pull, push, overwrite]}
  immutable_tags:
    - {repositories: 'team/**', tags: 'v*'}`;
const auth = `auth:\n  mode: token\npolicy:\n${policy}\n`;

test("what the registry has is pushed by links: nothing is sent, as the account, by every rule, with its audit lines", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  const admin = await house.addUser("root", { admin: true });
  const image = oci.image();
  await house.as(admin).push("base/app", image, "1");
  await using place = await registriesPlace(house.berth, {}, auth);
  const host = new URL(house.url).host;
  const found = await place.find(`${host}/base/app:1`);
  assert.ok(found);

  await place.push(found, `${host}/team/app:v1`, signedIn(alice, host));
  assert.deepEqual(
    place.steps.map(({ state }) => state),
    ["there"],
  );
  const put = await house.as(alice).get("/v2/team/app/manifests/v1");
  expectStatus(put, 200);
  assert.deepEqual(put.body, image.bytes);
  for (const { digest, bytes } of image.blobs)
    assert.deepEqual((await house.as(alice).get(`/v2/team/app/blobs/${digest}`)).body, bytes);
  assert.deepEqual(await place.ownBlobs(), []);

  const other = oci.image();
  await house.as(admin).push("base/app", other, "2");
  const second = await place.find(`${host}/base/app:2`);
  assert.ok(second);
  await assert.rejects(
    place.push(second, `${host}/team/app:v1`, signedIn(alice, host)),
    /^AppError: denied: .*v1/,
  );
  await assert.rejects(
    place.push(found, `${host}/base/app:3`, signedIn(alice, host)),
    /^AppError: denied: alice may not/,
  );
  await assert.rejects(
    place.push(found, `${host}/team/app:4`),
    /^AppError: unauthorized: signing in is required for team.app: docker login/,
  );
  await assert.rejects(
    place.push(found, `${host}/team/app:4`, signedIn({ ...alice, secret: "x" }, host)),
    /^AppError: unauthorized: wrong name or password/,
  );
  await using metadata = await openSqliteMetadata({
    path: `${house.data}/berth.db`,
    migrationsDir: new URL("../../migrations/sqlite/", import.meta.url),
  });
  const lines = (await metadata.audit.list({ repository: "team/app" }, 0, 100)).filter(({ action }) =>
    /^(mount|push|create)/.test(action),
  );
  assert.deepEqual(
    // The refused push's blobs come after these, as with every push.
    lines.slice(0, 4).map(({ action, actor }) => `${action} ${actor}`),
    ["mount-blob alice", "mount-blob alice", "push-manifest alice", "create-tag alice"],
  );
  assert.doesNotMatch(JSON.stringify(await metadata.audit.list({}, 0, 1_000)), /!engine/);
});

test("what only the engine has is sent to the running registry", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  await using place = await registriesPlace(house.berth, {}, auth);
  const host = new URL(house.url).host;
  const image = oci.image({ layers: [freshBytes(3_000_000), freshBytes(10)] });
  const loaded = await place.load(image);
  await place.push(loaded, `${host}/team/app:1`, signedIn(alice, host));
  assert.deepEqual(place.steps.at(-1)?.state, "moved");
  const got = await house.as(alice).get("/v2/team/app/manifests/1");
  assert.deepEqual(got.body, image.bytes);
  for (const { digest, bytes } of image.blobs)
    assert.deepEqual((await house.as(alice).get(`/v2/team/app/blobs/${digest}`)).body, bytes);
  await assert.rejects(place.push(loaded, `${host}/other/app:1`, signedIn(alice, host)), /denied: /);
  await place.push(loaded, `${host}/team/more:1`, signedIn(alice, host));
  assert.ok(
    place.steps.every(({ state }) => state === "there"),
    "by links, since the registry has it",
  );
});

test("an image of nothing but manifest and names isn't linked to others' blobs", async () => {
  await using berth = await startBerth();
  const secret = oci.image();
  await registryClient(berth.url).push("secret/app", secret, "1");
  await using place = await registriesPlace(berth);
  const { content } = place;
  await content.add(
    undefined,
    (async function* () {
      yield secret.bytes;
    })(),
  );
  const { config, layers } = JSON.parse(secret.bytes.toString()) as Awaited<ReturnType<typeof place.load>>;
  const named = {
    manifest: secret.digest,
    manifestType: secret.mediaType,
    named: secret.digest,
    config,
    layers,
  } as Awaited<ReturnType<typeof place.load>>;
  await assert.rejects(place.push(named, `${new URL(berth.url).host}/mine/app:1`), /isn't here any more/);
});
