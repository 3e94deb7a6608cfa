import assert from "node:assert/strict";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { startRgw, withRgw } from "../s3/rgw.ts";
import { s3Section } from "../s3/s3-section.ts";
import { isWhole, registriesPlace } from "./registries-place.ts";

test("blobs in a bucket: found, read from there, held", withRgw, async () => {
  await using rgw = await startRgw();
  const file = s3Section(rgw, await rgw.bucket());
  await using berth = await startBerth({}, file);
  const client = registryClient(berth.url);
  const image = oci.image({ layers: [freshBytes(6_000_000)] });
  await client.push("team/app", image, "1");
  await using place = await registriesPlace(berth, {}, file);
  const found = await place.find(`${new URL(berth.url).host}/team/app:1`);
  assert.ok(found && (await isWhole(place, found)));
  assert.deepEqual(await place.ownBlobs(), []);
  expectStatus(await client.remove(`/v2/team/app/manifests/${image.digest}`), 202);
  assert.ok(await isWhole(place, found));
});
