import assert from "node:assert/strict";
import { readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { spawnBerth } from "../harness/process.ts";
import { openPlaces, verify } from "./places.ts";

test("verify reads each blob of each tag once, next to a running server", async () => {
  await using server = await startBerth();
  const client = registryClient(server.url);
  const base = freshBytes(100_000);
  const [one, two] = [oci.image({ layers: [base] }), oci.image({ layers: [base] })];
  await client.push("team/a", one, "v1");
  await client.push("team/a", one, "latest");
  await client.push("team/b", two, "v1");
  const index = oci.index({ manifests: [one.descriptor] });
  await client.push("team/a", index, "multi");
  const { code, report } = await verify(server.data);
  assert.equal(code, 0);
  assert.deepEqual(report, {
    repositories: 2,
    tags: 4,
    manifests: 3,
    blobs: 3,
    bytes: 100_000 + [one, two].reduce((sum, { blobs }) => sum + (blobs[0]?.bytes.length ?? 0), 0),
    holes: 0,
    faults: [],
    moreFaults: 0,
    marked: 0,
  });
  const quick = await verify(server.data, "--quick", `team/a@${index.digest}`, "team/b");
  assert.deepEqual([quick.code, quick.report.tags, quick.report.bytes], [0, 1, 0]);
  const { stdout } = await berth(["verify", "--data", server.data]);
  assert.match(stdout, /^2 repositories, 4 tags, 3 manifests, 3 blobs \(98 KiB read\): all good\n$/);
});

test("verify names what is damaged, with its tags", async () => {
  await using server = await startBerth();
  const client = registryClient(server.url);
  const push = async (tag: string) => {
    const content = oci.image({ layers: [freshBytes(5000)] });
    await client.push("team/app", content, tag);
    return { content, layer: content.blobs[1]?.digest ?? "" };
  };
  const flipped = await push("flipped");
  expectStatus(
    await client.putManifest("team/app", "also", flipped.content.bytes, flipped.content.mediaType),
    201,
  );
  const missing = await push("missing");
  const short = await push("short");
  await push("good");
  const child = await push("child");
  await client.push("team/app", oci.index({ manifests: [child.content.descriptor] }), "index");
  const stored = await push("bytes");

  const file = await blobFile(server.data, flipped.layer);
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(bytes[4999] === 0 ? 1 : 0, 4999));
  await rm(await blobFile(server.data, missing.layer));
  await truncate(await blobFile(server.data, short.layer), 4000);
  expectStatus(await client.remove(`/v2/team/app/manifests/${child.content.digest}`), 202);
  const db = new Database(join(server.data, "berth.db"));
  db.prepare(
    "UPDATE manifest_bytes SET bytes = zeroblob(10) WHERE manifest_id = (SELECT id FROM manifests WHERE digest = ?)",
  ).run(stored.content.digest);
  db.close();

  const { code, report } = await verify(server.data, "--no-mark");
  assert.deepEqual([code, report.marked], [1, 0]);
  const found = report.faults.map(
    ({ digest, kind, why, of }) => `${kind} ${digest} ${why} ${of.sort().join()}`,
  );
  const other = digestOf(bytes);
  assert.deepEqual(
    found.sort(),
    [
      `blob ${flipped.layer} has other bytes: they are ${other} team/app:also,team/app:flipped`,
      `blob ${missing.layer} is missing team/app:missing`,
      `blob ${short.layer} has 4000 bytes instead of 5000 team/app:short`,
      `manifest ${child.content.digest} isn't in the repository team/app team/app:index`,
      `manifest ${stored.content.digest} has other bytes: they are ${digestOf(new Uint8Array(10))} team/app:bytes`,
    ].sort(),
  );
  const quick = await verify(server.data, "--quick");
  assert.equal(quick.report.faults.length, 4, "a flipped byte takes reading");
  assert.equal((await verify(server.data, "team/app:good")).code, 0);
  const { stdout, code: shown } = await berth(["verify", "team/app:missing", "--data", server.data]);
  assert.equal(shown, 1);
  assert.match(
    stdout,
    /is missing\n {2}in team\/app:missing\n.*: 1 damaged\n1 blob marked: clients see it as missing until it is pushed again\n$/,
  );
});

test("what verify marked is missing for clients, and the next push heals it, served or not", async () => {
  await using server = await startBerth();
  const client = registryClient(server.url);
  const content = oci.image({ layers: [freshBytes(5000)] });
  await client.push("app", content, "v1");
  const layer = content.blobs[1]?.digest ?? "";
  const file = await blobFile(server.data, layer);
  await writeFile(file, (await readFile(file)).reverse());
  expectStatus(await client.request("HEAD", `/v2/app/blobs/${layer}`), 200);
  const first = await verify(server.data);
  assert.deepEqual([first.code, first.report.marked], [1, 1]);
  expectStatus(await client.request("HEAD", `/v2/app/blobs/${layer}`), 404);
  assert.match((await verify(server.data)).report.faults[0]?.why ?? "", /is marked as damaged/);
  await client.push("app", content, "v1");
  assert.equal((await verify(server.data)).code, 0);
});

test("a place where no blob is at all is none to mark anything in", async () => {
  await using server = await startBerth();
  await registryClient(server.url).push("app", oci.image({ layers: [freshBytes(100)] }), "v1");
  await rename(join(server.data, "storage/blobs/sha256"), join(server.data, "elsewhere"));
  const empty = await verify(server.data);
  assert.deepEqual([empty.code, empty.report.faults.length, empty.report.marked], [1, 2, 0]);
  assert.match(empty.stderr, /nothing was marked as damaged: not one blob is there/);
  await rename(join(server.data, "elsewhere"), join(server.data, "storage/blobs/sha256"));
  assert.equal((await verify(server.data)).code, 0);
});

test("what was let in without its layers is a fault where the rule in force doesn't allow that", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const image = oci.image({ layers: [freshBytes(100)] });
  {
    await using server = await spawnBerth({
      data,
      config: { policy: { missing_references: [{ repositories: "**", allow: "any" }] } },
    });
    const client = registryClient(server.url);
    expectStatus(await client.putManifest("app", "v1", image.bytes, image.mediaType), 201);
  }
  const { code, report } = await verify(data);
  assert.deepEqual([code, report.holes, report.faults.length], [1, 0, 2]);
  assert.match(report.faults[0]?.why ?? "", /never pushed there, which policy\.missing_references \(index\)/);
  const file = places.path("berth.yaml");
  await writeFile(file, "policy: {missing_references: [{repositories: '**', allow: any}]}");
  const allowed = await verify(data, "--config", file);
  assert.deepEqual([allowed.code, allowed.report.holes], [0, 2]);
});

test("what the rules allowed to be absent is counted, and is no damage", async () => {
  await using server = await startBerth(
    {},
    "policy: {missing_references: [{repositories: '**', allow: index}]}",
  );
  const client = registryClient(server.url);
  const absent = oci.image();
  await client.push("a", oci.index({ manifests: [absent.descriptor] }), "sparse");
  const { code, report } = await verify(server.data);
  assert.deepEqual([code, report.holes, report.faults], [0, 1, []]);
});

test("what isn't there or isn't a name is told", async () => {
  await using server = await startBerth();
  const fails = async (words: RegExp, code: number, ...argv: string[]) => {
    const result = await berth(["verify", "--data", server.data, ...argv]);
    assert.equal(result.code, code);
    assert.match(result.stderr, words);
  };
  await registryClient(server.url).push("b", oci.image(), "v1");
  await fails(/there is no b:v2/, 1, "b:v2");
  await fails(/there is no repository a\n/, 1, "a:v1");
  await fails(/there is no repository a\n/, 1, "a");
  await fails(/"A" is not REPOSITORY/, 2, "A");
  await fails(/"a@sha256:12" is not/, 2, "a@sha256:12");
  await fails(/unknown flag --fast/, 2, "--fast");
});
