import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { loadConfig } from "#config/load-config.ts";
import { openMetadataShelf } from "#app/open/open-metadata-shelf.ts";
import { putSnapshot } from "#app/house/snapshots/put-snapshot.ts";
import { stringify } from "yaml";
import { berth } from "../cli/captured.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { openPlaces } from "../backup/places.ts";
import { configFile, storing, type Place } from "../s3/moving.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { ask, faultLines, rebuild, scrub } from "./scrubbed.ts";

describe("scrubbing and rebuilding with S3", withRgw, () => {
  let started: Promise<Rgw> | undefined;
  const rgw = () => (started ??= startRgw());
  after(async () => (await started)?.[Symbol.asyncDispose]());

  const image = () => oci.image({ layers: [freshBytes(50_000)] });

  async function keyOf(s3: Rgw, Bucket: string, data: string, digest: string): Promise<string> {
    const location = ask<string>(data, "SELECT location FROM blobs WHERE digest = ?", digest);
    const name = location.slice(0, location.indexOf("@"));
    const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key).find((key) => key.endsWith(name)) ?? assert.fail(location);
  }

  async function flip(s3: Rgw, Bucket: string, Key: string): Promise<void> {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
  }

  test("flipped and missing objects are named, and pushing again heals them", async () => {
    const s3 = await rgw();
    const bucket = await s3.bucket();
    await using places = await openPlaces();
    const config = storing(s3, bucket, ["s3"]);
    const file = configFile(places.path("berth.yaml"), config);
    await using server = await spawnBerth({ config });
    const client = registryClient(server.url);
    const [flipped, missing] = [image(), image()];
    await client.push("app", flipped, "flipped");
    await client.push("app", missing, "missing");
    const [one = "", two = ""] = [flipped, missing].map(({ blobs }) => blobs[1]?.digest ?? "");
    await flip(s3, bucket, await keyOf(s3, bucket, server.data, one));
    const gone = await keyOf(s3, bucket, server.data, two);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: gone }));
    const { code, report } = await scrub(server.data, "--config", file);
    assert.equal(code, 1);
    assert.deepEqual(
      faultLines(report).map((line) => line.replace(/they are \S+/, "they are …")),
      [`blob ${one} has other bytes: they are … app:flipped`, `blob ${two} is missing app:missing`].sort(),
    );
    await client.push("app", flipped, "flipped");
    await client.push("app", missing, "missing");
    assert.deepEqual((await scrub(server.data, "--config", file)).report.faults, []);
  });

  test("what the second of two stores still has takes the place of what is damaged in the first", async () => {
    const s3 = await rgw();
    const bucket = await s3.bucket();
    await using places = await openPlaces();
    const data = places.path("data");
    const stores = (...names: Place[]) => storing(s3, bucket, names);
    const content = image();
    const layer = content.blobs[1]?.digest ?? "";
    {
      await using server = await spawnBerth({ data, config: stores("disk") });
      await registryClient(server.url).push("app", content, "v1");
    }
    const file = configFile(places.path("berth.yaml"), stores("s3", "disk"));
    const moved = await berth([
      "storage",
      "migrate",
      "--from",
      "disk",
      "--to",
      "s3",
      "--config",
      file,
      "--data",
      data,
    ]);
    assert.equal(moved.code, 0, moved.stderr);
    await flip(s3, bucket, await keyOf(s3, bucket, data, layer));
    const { code, report } = await scrub(data, "--config", file);
    assert.equal(code, 0);
    assert.match(
      faultLines(report).join(),
      /^blob \S+ has other bytes: \S+ \S+ \S+ \[from a copy in the store\] app:v1$/,
    );
    assert.match(ask(data, "SELECT location FROM blobs WHERE digest = ?", layer), /@/, "in the bucket");
    assert.deepEqual((await scrub(data, "--config", file)).report.faults, []);
  });

  test("a lost database comes back from the bucket", async () => {
    const s3 = await rgw();
    const bucket = await s3.bucket();
    await using places = await openPlaces();
    const data = places.path("data");
    const config = storing(s3, bucket, ["s3"]);
    const file = configFile(places.path("berth.yaml"), config);
    const [kept, later] = [image(), image()];
    {
      await using server = await spawnBerth({ data, config });
      await registryClient(server.url).push("app", kept, "v1");
      const loaded = loadConfig({
        file: { text: stringify(config), name: file },
        environment: {},
        flags: [],
        defaultData: data,
        cores: 1,
        resolvePath: (path) => path,
      }).config;
      assert.ok(loaded);
      const { signal } = new AbortController();
      const order = { now: Date.now(), reason: "schedule", keep: 3, signal } as const;
      await putSnapshot(loaded, await openMetadataShelf(loaded), order);
      await registryClient(server.url).push("app", later, "v2");
    }
    for (const name of await readdir(data)) if (name.startsWith("berth.db")) await rm(join(data, name));
    const { code, report, stderr } = await rebuild(data, "--config", file);
    assert.equal(code, 0, stderr);
    assert.deepEqual([report.blobs.present, report.blobs.unknown, report.verified.tags], [2, 2, 1]);
    await using server = await spawnBerth({ data, config });
    const client = registryClient(server.url);
    expectStatus(await client.request("GET", "/v2/app/manifests/v1"), 200);
    expectStatus(await client.request("GET", "/v2/app/manifests/v2"), 404);
  });
});
