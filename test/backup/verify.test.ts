import assert from "node:assert/strict";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { verify } from "./places.ts";

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

  const { code, report } = await verify(server.data);
  assert.equal(code, 1);
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
  assert.match(stdout, /is missing\n {2}in team\/app:missing\n.*: 1 damaged\n/);
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
  await fails(/there is no a:v1/, 1, "a:v1");
  await fails(/the repository a has no tags/, 1, "a");
  await fails(/"A" is not REPOSITORY/, 2, "A");
  await fails(/"a@sha256:12" is not/, 2, "a@sha256:12");
  await fails(/unknown flag --fast/, 2, "--fast");
});
