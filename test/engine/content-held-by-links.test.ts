import assert from "node:assert/strict";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import type { Digest } from "#oci/digest.ts";
import { chunks, isWhole, registriesPlace } from "./registries-place.ts";

const young = 61_000;

test("what was pushed is found without a copy, and stays when its tag and manifest are deleted", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image({ layers: [Buffer.alloc(300_000, 1), Buffer.alloc(70_000, 2)] });
  await client.push("team/app", image, "1");
  await using place = await registriesPlace(berth);
  const host = new URL(berth.url).host;
  const found = await place.find(`${host}/team/app:1`);
  assert.equal(found?.manifest, image.digest);
  assert.ok(await place.find(`localhost:${new URL(berth.url).port}/team/app:1`));
  assert.deepEqual(await place.ownBlobs(), []);
  assert.ok(await isWhole(place, found));

  expectStatus(await client.remove(`/v2/team/app/manifests/${image.digest}`), 202);
  for (const { digest } of image.blobs)
    expectStatus(await client.remove(`/v2/team/app/blobs/${digest}`), 202);
  assert.equal(await place.find(`${host}/team/app:1`), undefined);
  assert.ok(await isWhole(place, found), "the engine holds it");
  await berth.restart();
  assert.ok(await isWhole(place, found), "also when the registry started again");
});

test("clients never see, list, pull or mount what is only held", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("secret/app", image, "1");
  await using place = await registriesPlace(berth);
  const found = await place.find(`${new URL(berth.url).host}/secret/app:1`);
  assert.ok(found);
  expectStatus(await client.remove(`/v2/secret/app/manifests/${image.digest}`), 202);
  for (const { digest } of image.blobs)
    expectStatus(await client.remove(`/v2/secret/app/blobs/${digest}`), 202);
  for (const query of ["", "?last=!", "?last=%20", "?n=1", "?last=!engine/", "?last=A"]) {
    const answer = await client.get(`/v2/_catalog${query}`);
    assert.doesNotMatch(answer.body.toString(), /engine/, query);
  }
  const layer = found.layers[0]?.digest ?? "";
  const hidden = `!engine/${place.engineId}`;
  for (const name of [hidden, encodeURIComponent(hidden)])
    assert.notEqual((await client.get(`/v2/${name}/manifests/${image.digest}`)).status, 200, name);
  for (const from of ["", `&from=${encodeURIComponent(hidden)}`]) {
    const answer = await client.request("POST", `/v2/other/app/blobs/uploads/?mount=${layer}${from}`);
    assert.equal(answer.status, 202, "it has to be sent");
  }
});

test("a sweep lets go what no image needs, after a moment", async (t) => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const shared = Buffer.alloc(5_000, 7);
  const [first, second] = [
    oci.image({ layers: [shared] }),
    oci.image({ layers: [shared, Buffer.from("two")] }),
  ];
  await client.push("team/app", first, "1");
  await client.push("team/app", second, "2");
  await using place = await registriesPlace(berth);
  const host = new URL(berth.url).host;
  const one = await place.find(`${host}/team/app:1`);
  const two = await place.find(`${host}/team/app:2`);
  assert.ok(one && two);
  const own = await place.load(oci.image());
  await place.content.sweep(new Set());
  assert.ok((await isWhole(place, one)) && (await isWhole(place, own)), "it may be on its way");

  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + young });
  const needed = (image: typeof one) =>
    new Set<Digest>([image.manifest, image.config.digest, ...image.layers.map(({ digest }) => digest)]);
  const { freed } = await place.content.sweep(needed(two));
  assert.ok(freed > 0);
  assert.deepEqual(await place.ownBlobs(), []);
  assert.ok(await isWhole(place, two), "with the layer that both have");
  assert.equal(await place.content.has(one.manifest), false);
  assert.equal(await place.content.has(one.config.digest), false);
  await place.content.sweep(new Set());
  assert.equal(await place.content.has(two.config.digest), false);
  assert.ok(await place.find(`${host}/team/app:1`), "the registry's own is never touched");
});

test("a layer that another image needs is held on with the image that brought it", async (t) => {
  await using berth = await startBerth();
  const shared = Buffer.alloc(5_000, 8);
  const hosted = oci.image({ layers: [shared] });
  await registryClient(berth.url).push("team/app", hosted, "1");
  await using place = await registriesPlace(berth);
  const one = await place.find(`${new URL(berth.url).host}/team/app:1`);
  assert.ok(one);
  // An image from elsewhere, whose layer was here already.
  const other = oci.image({ layers: [shared] });
  for (const { bytes, digest } of [other, ...other.blobs])
    if (!(await place.content.has(digest as Digest)))
      await place.content.add(digest as Digest, chunks(bytes));
  const layer = one.layers[0]?.digest as Digest;
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + young });
  const needed = new Set([other.digest, ...other.blobs.map(({ digest }) => digest)] as Digest[]);
  await place.content.sweep(needed);
  assert.ok(await place.content.has(layer));
  await place.content.sweep(new Set());
  assert.equal(await place.content.has(layer), false);
});

test("bytes that aren't their digest are not kept", async () => {
  await using place = await registriesPlace(undefined);
  const digest = `sha256:${"a".repeat(64)}` as Digest;
  await assert.rejects(place.content.add(digest, chunks(Buffer.from("other"))), { code: "digest-mismatch" });
  await assert.rejects(place.content.add(undefined, breaksOff()), /away/);
  assert.deepEqual(await place.ownBlobs(), []);
  const added = await place.content.add(undefined, chunks(Buffer.alloc(2_500_000, 3)));
  assert.equal(added.size, 2_500_000);
  await using blob = await place.content.open(added.digest);
  let read = 0;
  for await (const chunk of blob?.read(10, 2_100_000) ?? []) read += chunk.length;
  assert.equal(read, 2_100_000 - 10 + 1);
});

async function* breaksOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("some");
  throw new Error("it went away");
}
