import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import { parseRepositoryName } from "#oci/reference.ts";
import { verifyRegistry } from "#app/verbs/verify.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { startBerth } from "../harness/berth.ts";
import { needsPostgres, startPostgres } from "../harness/postgres.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { startCache, upstreamItem } from "../pull-through/cache.ts";
import { isWhole, registriesPlace } from "./registries-place.ts";

test("a registry on PostgreSQL: found, held, pushed by links, swept", needsPostgres(), async (t) => {
  await using postgres = await startPostgres();
  const { url } = await postgres.database();
  const metadata = { url, url_file: undefined, pool: 3 };
  await using berth = await startBerth({ metadata });
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("team/app", image, "1");
  await using place = await registriesPlace(berth, { metadata });
  const { host } = new URL(berth.url);
  const found = await place.find(`${host}/team/app:1`);
  assert.ok(found && (await isWhole(place, found)));
  await place.push(found, `${host}/team/copy:2`);
  assert.deepEqual((await client.get("/v2/team/copy/manifests/2")).body, image.bytes);
  for (const name of ["app", "copy"]) {
    expectStatus(await client.remove(`/v2/team/${name}/manifests/${image.digest}`), 202);
    for (const { digest } of image.blobs)
      expectStatus(await client.remove(`/v2/team/${name}/blobs/${digest}`), 202);
  }
  assert.ok(await isWhole(place, found));
  assert.deepEqual(JSON.parse((await client.get("/v2/_catalog")).body.toString()), { repositories: [] });
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 61_000 });
  await place.content.sweep(new Set());
  assert.equal(await place.content.has(found.config.digest), false);
  assert.deepEqual(await place.ownBlobs(), []);
});

test("what the cache evicts is held all the same", async () => {
  await using upstream = await startBerth();
  const image = oci.image();
  await registryClient(upstream.url).push("library/app", image, "1");
  await using cache = await startCache(upstream);
  const { berth } = cache;
  const upstreams = [upstreamItem({ name: "docker.io", url: upstream.url })];
  await using place = await registriesPlace(berth, { upstreams });
  const found = await place.pull("app:1");
  assert.deepEqual(await place.ownBlobs(), []);

  await using metadata = await openOperatorMetadata(defaultConfig(berth.data));
  const { cached, repositories } = metadata;
  const pieces = await cached.coldest({
    upstream: undefined,
    before: Date.now() + 1_000,
    limit: 100,
    after: undefined,
  });
  assert.equal(pieces.length, 3, "nothing of the engine's own repository is there to evict");
  await cached.evict(pieces, Date.now());
  const name = parseRepositoryName("docker.io/library/app");
  assert.ok(name);
  assert.equal(await repositories.blob(cachedName(name), found.config.digest), undefined);
  assert.deepEqual(await metadata.garbage.tombstones(Date.now() + 1_000, 10), []);
  assert.ok(await isWhole(place, found));
});

test("berth verify finds nothing wrong with what is held", async () => {
  await using berth = await startBerth();
  await registryClient(berth.url).push("team/app", oci.image(), "1");
  await using place = await registriesPlace(berth);
  assert.ok(await place.find(`${new URL(berth.url).host}/team/app:1`));
  const config = defaultConfig(berth.data);
  config.policy.missing_references = [{ repositories: "**", allow: "none" }];
  const quiet = { expect: () => undefined, add: () => undefined, done: () => undefined };
  const report = await verifyRegistry(config, { targets: undefined, quick: false, mark: false }, quiet);
  assert.deepEqual(report.faults, []);
  assert.equal(report.repositories, 2);
});
