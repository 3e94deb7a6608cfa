import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, expectStatus, freshBytes, oci, type RegistryClient } from "../harness/registry-client.ts";
import { overQuota } from "../registry/quota-place.ts";
import { startGuarded } from "./guarded.ts";

const KiB = 1024;
const rules = `  rules:
    - { repositories: "**", who: signed-in, allow: [pull, push, overwrite, delete] }
quotas:
  - { name: people, per: user, bytes: 100KiB, tags: 2 }
  - { name: interns, per: user, users: [group:interns], bytes: 10KiB }
`;
const push = (client: RegistryClient, repo: string, bytes: Buffer) =>
  client.request("POST", `/v2/${repo}/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes });

test("each account has its own room, anywhere, admins and robots too", async () => {
  await using place = await startGuarded(rules);
  const alice = place.as(await place.addUser("alice"));
  const root = place.as(await place.addUser("root2", { admin: true }));
  const robot = place.as(await place.addRobot("ci"));
  for (const client of [alice, root, robot]) {
    expectStatus(await push(client, "one/app", freshBytes(60 * KiB)), 201);
    const { quota, used } = overQuota(await push(client, "two/app", freshBytes(60 * KiB)));
    assert.deepEqual([quota, used], ["people", 60 * KiB]);
  }
});

test("what somebody else brought isn't counted again, and a group's quota is for its members", async () => {
  await using place = await startGuarded(rules);
  const bytes = freshBytes(60 * KiB);
  const ann = await place.addUser("ann");
  await place.addGroup("interns", ann);
  const bob = place.as(await place.addUser("bob"));
  const client = place.as(ann);
  assert.equal(overQuota(await push(client, "app", bytes)).quota, "interns");
  expectStatus(await push(bob, "app", bytes), 201);
  expectStatus(await push(client, "app", bytes), 201);
  const mount = await client.request("POST", `/v2/other/blobs/uploads/?mount=${digestOf(bytes)}&from=app`);
  assert.equal(overQuota(mount).quota, "interns");
});

test("tags are counted for who made them; a refused push takes back its maker's blobs alone", async () => {
  await using place = await startGuarded(rules);
  const alice = place.as(await place.addUser("alice"));
  const bob = place.as(await place.addUser("bob"));
  const image = oci.image();
  expectStatus(await alice.push("app", image, "1"), 201);
  expectStatus(await bob.putManifest("app", "1", image.bytes, image.mediaType), 201);
  expectStatus(await alice.putManifest("app", "2", image.bytes, image.mediaType), 201);
  const [mine, theirs] = [freshBytes(KiB), freshBytes(KiB)];
  expectStatus(await push(alice, "app", mine), 201);
  expectStatus(await push(bob, "app", theirs), 201);
  const both = oci.image({ layers: [mine, theirs] });
  const known = [digestOf(mine), digestOf(theirs)];
  for (const { bytes, digest } of both.blobs)
    if (!known.includes(digest)) await alice.pushBlob(bytes, { repo: "app" });
  assert.equal(overQuota(await alice.putManifest("app", "3", both.bytes, both.mediaType)).of, "tags");
  expectStatus(await bob.head(`/v2/app/blobs/${digestOf(mine)}`), 404);
  expectStatus(await bob.head(`/v2/app/blobs/${digestOf(theirs)}`), 200);
  expectStatus(await bob.putManifest("app", "3", image.bytes, image.mediaType), 201);
});
