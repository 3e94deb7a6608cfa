import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectStatus, oci, type RegistryClient } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const policy = `  rules:
    - {repositories: 'releases/**', who: 'user:bob', allow: '*'}
  immutable_tags:
    - {repositories: 'releases/**', tags: 'v*', except: '*-rc*'}`;

async function released() {
  const house = await startGuarded(policy);
  const [admin, bob] = [await house.addUser("root-user", { admin: true }), await house.addUser("bob")];
  const [first, second] = [oci.image(), oci.image()];
  const client = house.as(bob);
  await client.push("releases/app", first, "v1");
  await client.push("releases/app", second, "v2-rc1");
  const clients: RegistryClient[] = [
    client,
    house.as(admin),
    house.bearer(await house.token(admin, "repository:releases/app:*")),
  ];
  const still = async () =>
    assert.equal(
      (await client.head("/v2/releases/app/manifests/v1")).headers.get("docker-content-digest"),
      first.digest,
    );
  return { house, client, clients, first, second, still };
}

test("an immutable tag isn't moved by PUT of the tag, not by admins either", async () => {
  const { house, clients, second, still } = await released();
  await using _house = house;
  for (const client of clients)
    expectError(
      await client.putManifest("releases/app", "v1", second.bytes, second.mediaType),
      403,
      "DENIED",
    );
  await still();
});

test("an immutable tag isn't moved by ?tag=, not by admins either", async () => {
  const { house, clients, second, still } = await released();
  await using _house = house;
  const { bytes, mediaType, digest } = second;
  for (const client of clients) {
    const answer = await client.putManifest("releases/app", digest, bytes, mediaType, {
      tags: ["new", "v1"],
    });
    expectError(answer, 403, "DENIED");
    expectStatus(await client.head("/v2/releases/app/manifests/new"), 404);
  }
  await still();
});

test("an immutable tag isn't removed by DELETE of the tag, not by admins either", async () => {
  const { house, clients, still } = await released();
  await using _house = house;
  for (const client of clients)
    expectError(await client.remove("/v2/releases/app/manifests/v1"), 403, "DENIED");
  await still();
});

test("an immutable tag isn't removed by DELETE of its manifest's digest, not by admins either", async () => {
  const { house, clients, first, still } = await released();
  await using _house = house;
  const path = `/v2/releases/app/manifests/${first.digest}`;
  for (const client of clients) expectError(await client.remove(path), 403, "DENIED");
  await still();
});

test("a blob under an immutable tag isn't removed", async () => {
  const { house, clients, first } = await released();
  await using _house = house;
  for (const client of clients)
    for (const { digest } of first.blobs)
      expectError(await client.remove(`/v2/releases/app/blobs/${digest}`), 405, "DENIED");
});

test("a manifest with an immutable and a plain tag keeps both when its digest is deleted", async () => {
  const { house, client, first, still } = await released();
  await using _house = house;
  expectStatus(await client.putManifest("releases/app", "plain", first.bytes, first.mediaType), 201);
  expectError(await client.remove(`/v2/releases/app/manifests/${first.digest}`), 403, "DENIED");
  expectStatus(await client.head("/v2/releases/app/manifests/plain"), 200);
  expectStatus(await client.remove("/v2/releases/app/manifests/plain"), 202);
  await still();
});

test("an immutable tag can be made, and the push of the same digest be repeated", async () => {
  const { house, client, second } = await released();
  await using _house = house;
  const { bytes, mediaType, digest } = second;
  for (let again = 0; again < 2; again++) {
    expectStatus(await client.putManifest("releases/app", "v2", bytes, mediaType), 201);
    expectStatus(
      await client.putManifest("releases/app", digest, bytes, mediaType, { tags: ["v2", "v3"] }),
      201,
    );
  }
});

test("tags that the exceptions name, other tags and other repositories stay free", async () => {
  const { house, client, clients, first, second } = await released();
  await using _house = house;
  expectStatus(await client.putManifest("releases/app", "v2-rc1", first.bytes, first.mediaType), 201);
  expectStatus(await client.remove("/v2/releases/app/manifests/v2-rc1"), 202);
  const other = clients[1] ?? client;
  await other.push("other/app", first, "v1");
  await other.push("other/app", second, "v1");
  expectStatus(await other.remove(`/v2/other/app/manifests/${second.digest}`), 202);
});

test("of pushes that race to make one immutable tag only one digest wins", async () => {
  const { house, clients, first, second } = await released();
  await using _house = house;
  for (let round = 0; round < 5; round++) {
    const pushes = [0, 1, 2, 3, 4, 5].map(async (at) => {
      const { bytes, mediaType, digest } = at % 2 === 0 ? first : second;
      const client = clients[at % clients.length] ?? house.as(undefined);
      const { status } = await client.putManifest("releases/app", `v9.${round}`, bytes, mediaType);
      return { status, digest };
    });
    const answers = await Promise.all(pushes);
    assert.ok(
      answers.every(({ status }) => status === 201 || status === 403),
      JSON.stringify(answers),
    );
    assert.equal(new Set(answers.filter(({ status }) => status === 201).map(({ digest }) => digest)).size, 1);
  }
});

test("a deletion by digest that races with the making of an immutable tag never removes that tag", async () => {
  const { house, client } = await released();
  await using _house = house;
  for (let round = 0; round < 10; round++) {
    const image = oci.image();
    await client.push("releases/app", image);
    const [put] = await Promise.all([
      client.putManifest("releases/app", `v8.${round}`, image.bytes, image.mediaType),
      client.remove(`/v2/releases/app/manifests/${image.digest}`),
    ]);
    const there = (await client.head(`/v2/releases/app/manifests/v8.${round}`)).status;
    // Deleted before the push: the push brought it back. Deleted after it: refused.
    if (put.status === 201) assert.equal(there, 200, `round ${round}`);
  }
});
