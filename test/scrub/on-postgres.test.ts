import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { blobFile } from "../distribution/blob-files.ts";
import { openPlaces } from "../backup/places.ts";
import { needsPostgres, startPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { configFile } from "../s3/moving.ts";
import { faultLines, flipByte, rebuild, scrub } from "./scrubbed.ts";

describe("with PostgreSQL", needsPostgres(), () => {
  test("damage is named and healed as with SQLite; snapshots and rebuild are the database's own affair", async () => {
    await using postgres = await startPostgres();
    const { url } = await postgres.database();
    await using places = await openPlaces();
    const config = { metadata: { url } };
    const file = configFile(places.path("berth.yaml"), config);
    await using server = await spawnBerth({ config });
    const client = registryClient(server.url);
    const [flipped, missing] = [1, 2].map(() => oci.image({ layers: [freshBytes(5000)] }));
    assert.ok(flipped && missing);
    await client.push("app", flipped, "flipped");
    await client.push("app", missing, "missing");
    const [one = "", two = ""] = [flipped, missing].map(({ blobs }) => blobs[1]?.digest ?? "");
    await flipByte(server.data, one);
    await rm(await blobFile(server.data, two));
    const { code, report } = await scrub(server.data, "--config", file);
    assert.equal(code, 1);
    assert.deepEqual(
      faultLines(report).map((line) => line.replace(/they are \S+/, "they are …")),
      [`blob ${one} has other bytes: they are … app:flipped`, `blob ${two} is missing app:missing`].sort(),
    );
    expectStatus(await client.request("HEAD", `/v2/app/blobs/${one}`), 404);
    await client.push("app", flipped, "flipped");
    await client.push("app", missing, "missing");
    assert.deepEqual((await scrub(server.data, "--config", file)).report.faults, []);
    const refused = await rebuild(server.data, "--config", file);
    assert.match(
      refused.stderr,
      /in PostgreSQL: bring the database back with its own tools .*berth scrub --quick/,
    );
    assert.match(
      server.logs(),
      /in PostgreSQL, whose backups are its own \(pg_dump\): no snapshots beside the blobs/,
    );
  });
});
