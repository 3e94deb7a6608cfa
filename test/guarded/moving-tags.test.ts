import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectStatus, oci, type ManifestContent } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const policy = `  namespaces: none
  rules:
    - {name: makers, repositories: 'team/**', who: 'group:makers', allow: [pull, push]}
    - {name: movers, repositories: 'team/**', who: 'user:mover', allow: [pull, overwrite]}`;

/** A tag v1, two makers who may only create, and images whose blobs are there already. */
async function team() {
  const house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  const [bob, carol] = [await house.addUser("bob"), await house.addUser("carol")];
  const mover = await house.addUser("mover");
  await house.addGroup("makers", bob, carol);
  const [first, second, third] = [oci.image(), oci.image(), oci.image()];
  await house.as(admin).push("team/app", first, "v1");
  for (const image of [second, third]) await house.as(admin).push("team/app", image);
  const digestOf = async (tag: string) =>
    (await house.as(admin).head(`/v2/team/app/manifests/${tag}`)).headers.get("docker-content-digest");
  return { house, bob, carol, mover, first, second, third, digestOf };
}

test("create rights don't move an existing tag by PUT of the tag (CVE-2026-31801)", async () => {
  const { house, bob, first, second, digestOf } = await team();
  await using _house = house;
  const clients = [
    house.as(bob),
    house.bearer(await house.token(bob, "repository:team/app:pull,push")),
    house.bearer(await house.token(bob, "repository:team/app:*")),
  ];
  for (const client of clients)
    for (const headers of [{}, { "if-match": `"${first.digest}"` }, { "if-match": "*" }]) {
      const answer = await client.putManifest("team/app", "v1", second.bytes, second.mediaType, { headers });
      expectError(answer, 403, "DENIED");
    }
  assert.equal(await digestOf("v1"), first.digest);
});

test("create rights don't move an existing tag by ?tag=, and none of the other tags is set then", async () => {
  const { house, bob, first, second, digestOf } = await team();
  await using _house = house;
  const { bytes, mediaType, digest } = second;
  const answer = await house
    .as(bob)
    .putManifest("team/app", digest, bytes, mediaType, { tags: ["n1", "v1", "n2"] });
  expectError(answer, 403, "DENIED");
  assert.equal(await digestOf("v1"), first.digest);
  for (const tag of ["n1", "n2"]) assert.equal(await digestOf(tag), undefined);
});

test("create rights make new tags, both ways, and may repeat the push of the same digest", async () => {
  const { house, bob, first, second, digestOf } = await team();
  await using _house = house;
  const client = house.as(bob);
  const { bytes, mediaType, digest } = second;
  for (let again = 0; again < 2; again++) {
    expectStatus(await client.putManifest("team/app", "n1", bytes, mediaType), 201);
    expectStatus(await client.putManifest("team/app", digest, bytes, mediaType, { tags: ["n2", "n1"] }), 201);
    expectStatus(await client.putManifest("team/app", "v1", first.bytes, first.mediaType), 201);
  }
  assert.deepEqual(
    [await digestOf("n1"), await digestOf("n2"), await digestOf("v1")],
    [digest, digest, first.digest],
  );
});

test("overwrite rights alone move a tag and make none", async () => {
  const { house, mover, second, digestOf } = await team();
  await using _house = house;
  const { bytes, mediaType, digest } = second;
  expectStatus(await house.as(mover).putManifest("team/app", "v1", bytes, mediaType), 201);
  assert.equal(await digestOf("v1"), digest);
  expectError(await house.as(mover).putManifest("team/app", "n1", bytes, mediaType), 403, "DENIED");
  const both = await house
    .as(mover)
    .putManifest("team/app", digest, bytes, mediaType, { tags: ["v1", "n1"] });
  expectError(both, 403, "DENIED");
  assert.equal(await digestOf("n1"), undefined);
});

test("of pushes that race to create one tag exactly one creates it, and nobody moves it", async () => {
  const { house, bob, carol, second, third, digestOf } = await team();
  await using _house = house;
  const put = (image: ManifestContent, tag: string, at: number) => {
    const client = house.as(at % 2 === 0 ? bob : carol);
    const { bytes, mediaType, digest } = image;
    return at % 4 < 2
      ? client.putManifest("team/app", tag, bytes, mediaType)
      : client.putManifest("team/app", digest, bytes, mediaType, { tags: [tag] });
  };
  for (let round = 0; round < 8; round++) {
    const tag = `race-${round}`;
    const images = [second, third, second, third, third, second, third, second];
    const answers = await Promise.all(images.map((image, at) => put(image, tag, at)));
    const won = new Set<string>();
    for (const [at, answer] of answers.entries()) {
      expectStatus(answer, 201, 403);
      if (answer.status === 201) won.add(images[at]?.digest ?? "");
      else expectError(answer, 403, "DENIED");
    }
    assert.deepEqual([...won], [await digestOf(tag)], tag);
  }
});
