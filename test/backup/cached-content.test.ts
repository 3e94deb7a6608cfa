import assert from "node:assert/strict";
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { cachedName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { migrations } from "../adapters/sqlite/temp-folder.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { backUp, openPlaces, restore, verify } from "./places.ts";

const name = "docker.io/library/box" as RepositoryName;
const box = cachedName(name);
const team = "team/app" as RepositoryName;
const latest = "latest" as Tag;
const never = Number.MAX_SAFE_INTEGER;

const openDatabase = (data: string) =>
  openSqliteMetadata({ path: join(data, "berth.db"), migrationsDir: migrations });

/** A hosted image, and the same of an upstream with neither its config nor its second layer, and an index of it. */
async function fill(data: string) {
  const image = oci.image({ layers: [freshBytes(3000), freshBytes(2000)] });
  const index = oci.index({ manifests: [image.descriptor, oci.image({}).descriptor] });
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push(team, image, "v1");
  }
  await using metadata = await openDatabase(data);
  const { repositories, cached } = metadata;
  const digests = image.blobs.map(({ digest }) => digest as Digest);
  const [, layer, second] = digests;
  assert.ok(layer && second);
  for (const digest of [layer, second]) await repositories.mount(box, digest, team, 1000, undefined);
  const put = async (content: typeof image, tags: Tag[]) => {
    const { outcome } = await repositories.putManifest({
      repository: box,
      digest: content.digest as Digest,
      mediaType: content.mediaType,
      size: content.bytes.length,
      bytes: content.bytes,
      subject: undefined,
      artifactType: undefined,
      annotations: undefined,
      references: [],
      tags: tags.map((name) => ({ name, was: "any" })),
      expect: undefined,
      now: 1000,
      by: undefined,
    });
    assert.equal(outcome, "stored");
  };
  await put(image, []);
  await put(index, [latest]);
  const evicted = { repository: box, kind: "blob" as const, digest: second, size: 2000, pulledAt: 1000 };
  assert.equal((await cached.evict([evicted], 2000)).pieces, 1);
  return { layer, index: index.digest as Digest };
}

test("what an upstream's image lacks here is no damage; what is here of it is proved", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const { layer } = await fill(data);
  const { code, report } = await verify(data);
  assert.equal(code, 0, JSON.stringify(report.faults));
  assert.deepEqual([report.repositories, report.tags, report.holes], [2, 2, 0]);
  assert.equal((await verify(data, name)).report.tags, 1);
  assert.equal((await verify(data, `${name}:${latest}`)).report.manifests, 2);
  assert.match((await verify(data, `${name}:none`)).stderr, /there is no docker\.io\/library\/box:none/);
  await truncate(await blobFile(data, layer), 10);
  const damaged = await verify(data, name);
  assert.deepEqual([damaged.code, damaged.report.marked], [1, 1]);
  assert.deepEqual(damaged.report.faults[0]?.of, [`${name}:${latest}`]);
});

test("a backup keeps what is known of cached content, but for where evicted bytes lay", async () => {
  await using places = await openPlaces();
  const [data, snapshot, copies] = ["data", "snapshot.db", "copies"].map(places.path) as [
    string,
    string,
    string,
  ];
  const { index, layer } = await fill(data);
  const mirror = { name, tags: ["*"], platforms: [], referrers: false, every: 60_000 };
  const kept = { ...mirror, syncedAt: 7, fault: undefined };
  {
    await using metadata = await openDatabase(data);
    const { repositories, cached, garbage } = metadata;
    await cached.confirm([{ repository: box, tag: latest, digest: index, at: 5_000 }]);
    await cached.pulled([{ repository: box, digest: layer, at: 1_000_000 }]);
    await cached.putMirror(kept);
    const lone = { digest: `sha256:${"0".repeat(64)}` as Digest, size: 5 };
    const add = { ...lone, repository: box, upload: undefined, replace: undefined, now: 1, by: undefined };
    await repositories.addBlob({ ...add, location: `sha256/00/${"0".repeat(64)}.aaaaaaaaaaaa` as never });
    await cached.evict([{ ...lone, repository: box, kind: "blob", pulledAt: 1 }], 3_000);
    assert.equal((await garbage.tombstones(never, 9)).length, 1);
  }
  await backUp(data, snapshot, "--blobs", copies);
  await rm(data, { recursive: true });
  await restore(data, snapshot, "--blobs", copies);
  await using metadata = await openDatabase(data);
  const { cached, garbage } = metadata;
  assert.deepEqual(await garbage.tombstones(never, 9), []);
  assert.equal((await cached.tag(box, latest))?.checkedAt, 5_000);
  assert.deepEqual(await cached.mirrors(), [kept]);
  const pieces = await cached.coldest({ upstream: "docker.io", before: never, limit: 9, after: undefined });
  assert.equal(pieces.length, 3);
  assert.equal(pieces.at(-1)?.pulledAt, 1_000_000);
});
