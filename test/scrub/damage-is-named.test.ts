import assert from "node:assert/strict";
import { appendFile, rename, rm, truncate } from "node:fs/promises";
import { test } from "node:test";
import { berth } from "../cli/captured.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { verify } from "../backup/places.ts";
import { ask, faultLines, flipByte, plant, scrub } from "./scrubbed.ts";

async function pushed(server: TestBerth, tag: string, repository = "team/app") {
  const content = oci.image({ layers: [freshBytes(5000)] });
  await registryClient(server.url).push(repository, content, tag);
  return { content, layer: content.blobs[1]?.digest ?? "" };
}

test("each kind of damage to bytes is found and named, and pushing again heals it", async () => {
  await using server = await startBerth();
  const client = registryClient(server.url);
  const flipped = await pushed(server, "flipped");
  const short = await pushed(server, "short");
  const long = await pushed(server, "long");
  const missing = await pushed(server, "missing");
  const bytes = await pushed(server, "bytes");
  const none = await pushed(server, "none");
  await pushed(server, "good");
  await flipByte(server.data, flipped.layer);
  await truncate(await blobFile(server.data, short.layer), 4000);
  await appendFile(await blobFile(server.data, long.layer), "more");
  await rm(await blobFile(server.data, missing.layer));
  const ofManifest = "(SELECT id FROM manifests WHERE digest = ?)";
  plant(
    server.data,
    [
      `UPDATE manifest_bytes SET bytes = zeroblob(10) WHERE manifest_id = ${ofManifest}`,
      bytes.content.digest,
    ],
    [`DELETE FROM manifest_bytes WHERE manifest_id = ${ofManifest}`, none.content.digest],
  );

  const looked = await scrub(server.data, "--no-repair");
  assert.deepEqual([looked.code, looked.report.left, looked.report.repaired], [1, 6, 0]);
  expectStatus(await client.request("HEAD", `/v2/team/app/blobs/${flipped.layer}`), 200);
  assert.equal(ask(server.data, "SELECT count(*) FROM damage"), 0);

  const { code, report } = await scrub(server.data);
  assert.deepEqual([code, report.left, report.blobs], [1, 6, 14]);
  const lines = faultLines(report).map((line) => line.replace(/they are \S+/, "they are …"));
  assert.deepEqual(
    lines,
    [
      `blob ${flipped.layer} has other bytes: they are … team/app:flipped`,
      `blob ${short.layer} has 4000 bytes instead of 5000 team/app:short`,
      `blob ${long.layer} has 5004 bytes instead of 5000 team/app:long`,
      `blob ${missing.layer} is missing team/app:missing`,
      `manifest ${bytes.content.digest} has other bytes: they are … team/app:bytes`,
      `manifest ${none.content.digest} is missing team/app:none`,
    ].sort(),
  );
  assert.equal(ask(server.data, "SELECT count(*) FROM damage"), 6);
  expectStatus(await client.request("HEAD", `/v2/team/app/blobs/${flipped.layer}`), 404);
  const again = await scrub(server.data);
  assert.deepEqual(faultLines(again.report), faultLines(report), "what is known is found again");

  for (const [tag, { content }] of Object.entries({ flipped, short, long, missing, bytes, none }))
    await client.push("team/app", content, tag);
  const healed = await scrub(server.data);
  assert.deepEqual([healed.code, healed.report.faults], [0, []]);
  assert.equal(ask(server.data, "SELECT count(*) FROM damage"), 0);
  assert.equal((await verify(server.data)).code, 0);
});

test("facts that are wrong are named and set right at once", async () => {
  await using server = await startBerth();
  const size = await pushed(server, "size");
  const marks = await pushed(server, "marks", "team/marks");
  const counted = await pushed(server, "counted", "team/counted");
  const row = await pushed(server, "row", "team/row");
  const id = "(SELECT id FROM repositories WHERE name = ?)";
  plant(
    server.data,
    ["UPDATE blobs SET size = 4999 WHERE digest = ?", size.layer],
    [`UPDATE repository_blobs SET unreferenced_at = 1 WHERE repository_id = ${id}`, "team/marks"],
    [`UPDATE repository_usage SET bytes = bytes + 7 WHERE repository_id = ${id}`, "team/counted"],
    [
      `DELETE FROM repository_blobs WHERE repository_id = ${id} AND blob_id = (SELECT id FROM blobs WHERE digest = ?)`,
      "team/row",
      row.layer,
    ],
    ["DELETE FROM blobs WHERE digest = ?", row.layer],
  );
  const { code, report } = await scrub(server.data);
  assert.deepEqual([code, report.left], [0, 0]);
  const lines = faultLines(report);
  const has = (pattern: RegExp) =>
    assert.ok(
      lines.some((line) => pattern.test(line)),
      `${pattern} in\n${lines.join("\n")}`,
    );
  has(
    new RegExp(
      `^blob ${size.layer} has 5000 bytes, and 4999 are recorded \\[size set right\\] team/app:size$`,
    ),
  );
  has(/^fact has 2 links with a wrong mark .*\[set right\] team\/marks$/);
  has(/^fact is counted as \d+ bytes, .*\[set right\] team\/counted$/);
  has(
    new RegExp(
      `^blob ${row.layer} isn't in the repository team/row \\[from a copy in the store\\] team/row:row$`,
    ),
  );
  assert.deepEqual(
    [marks, counted].map(({ content }) => content.blobs.length),
    [2, 2],
  );
  const again = await scrub(server.data);
  assert.deepEqual([again.code, again.report.faults], [0, []]);
  assert.equal((await verify(server.data)).code, 0);
});

test("a manifest's wrong size is set right; a tag without manifest is named until it is pushed again", async () => {
  await using server = await startBerth();
  const size = await pushed(server, "size", "sizes");
  const child = await pushed(server, "child", "sizes");
  await registryClient(server.url).push(
    "sizes",
    oci.index({ manifests: [child.content.descriptor] }),
    "index",
  );
  const lost = await pushed(server, "lost", "tags");
  plant(
    server.data,
    [
      "UPDATE manifests SET size = size + 1 WHERE digest IN (?, ?)",
      size.content.digest,
      child.content.digest,
    ],
    ["DELETE FROM manifests WHERE digest = ?", lost.content.digest],
    ["DELETE FROM manifest_references WHERE manifest_id NOT IN (SELECT id FROM manifests)"],
    ["DELETE FROM manifest_bytes WHERE manifest_id NOT IN (SELECT id FROM manifests)"],
  );
  const { code, report } = await scrub(server.data);
  assert.deepEqual([code, report.left], [1, 1]);
  const lines = faultLines(report);
  const sizes = lines.filter((line) =>
    / bytes, and \d+ are recorded \[from what is stored here\] sizes:/.test(line),
  );
  assert.deepEqual([sizes.length, lines.some((line) => line.includes("says"))], [2, false], lines.join("\n"));
  assert.match(lines.join("\n"), /^tag names a manifest that has no row: .* tags:lost$/m);
  await registryClient(server.url).push("tags", lost.content, "lost");
  assert.deepEqual((await scrub(server.data)).report.faults, []);
});

test("a lost link to what another repository has is made again", async () => {
  await using server = await startBerth();
  const { content, layer } = await pushed(server, "v1", "one");
  await registryClient(server.url).push("two", content, "v1");
  plant(server.data, [
    "DELETE FROM repository_blobs WHERE repository_id = (SELECT id FROM repositories WHERE name = 'two')",
  ]);
  const { code, report } = await scrub(server.data, "two");
  assert.deepEqual([code, report.repositories], [0, 1]);
  assert.ok(faultLines(report).includes(`blob ${layer} isn't in the repository two [linked again] two:v1`));
  assert.deepEqual((await scrub(server.data)).report.faults, []);
});

test("--quick compares sizes only", async () => {
  await using server = await startBerth();
  const flipped = await pushed(server, "flipped");
  const short = await pushed(server, "short");
  await flipByte(server.data, flipped.layer);
  await truncate(await blobFile(server.data, short.layer), 4000);
  const { report } = await scrub(server.data, "--quick");
  assert.deepEqual(faultLines(report), [`blob ${short.layer} has 4000 bytes instead of 5000 team/app:short`]);
});

test("a store where nothing is any more marks nothing, and says what to look at", async () => {
  await using server = await startBerth();
  const { layer } = await pushed(server, "v1");
  const folder = `${server.data}/storage/blobs`;
  await rename(folder, `${folder}-away`);
  const { code, stderr } = await scrub(server.data);
  await rm(folder, { recursive: true });
  await rename(`${folder}-away`, folder);
  assert.equal(code, 1);
  assert.match(stderr, /not one blob is there: .*is its disk mounted/);
  expectStatus(await registryClient(server.url).request("HEAD", `/v2/team/app/blobs/${layer}`), 200);
});

test("what was marked as damaged and isn't is seen again", async () => {
  await using server = await startBerth();
  const { layer } = await pushed(server, "v1");
  plant(server.data, ["UPDATE blobs SET damaged = 1 WHERE digest = ?", layer]);
  const { code, report } = await scrub(server.data);
  assert.equal(code, 0);
  assert.match(faultLines(report).join(), /was marked as damaged, and isn't \[the mark was taken away\]/);
  expectStatus(await registryClient(server.url).request("HEAD", `/v2/team/app/blobs/${layer}`), 200);
});

test("for people it says what, where and how it was set right", async () => {
  await using server = await startBerth();
  const flipped = await pushed(server, "flipped");
  await flipByte(server.data, flipped.layer);
  const first = await berth(["scrub", "--data", server.data]);
  assert.equal(first.code, 1);
  assert.match(
    first.stdout,
    /^blob sha256:\S+ has other bytes: they are \S+\n {2}in team\/app:flipped\n {2}put in quarantine: .*\n1 repository, 1 manifest, 2 blobs \(.* read\): 1 fault left: what clients push again heals/,
  );
  await registryClient(server.url).push("team/app", flipped.content, "flipped");
  const second = await berth(["scrub", "--data", server.data]);
  assert.deepEqual([second.code, second.stdout.trim().endsWith(": all good")], [0, true]);
  assert.equal((await berth(["scrub", "No/Such", "--data", server.data])).code, 2);
  const unknown = await berth(["scrub", "no/such", "--data", server.data]);
  assert.deepEqual([unknown.code, unknown.stderr], [1, "berth: there is no repository no/such\n"]);
  assert.equal(digestOf(flipped.content.bytes), flipped.content.digest);
});

test("it says of each damage what became of it", async () => {
  await using server = await startBerth();
  const { layer } = await pushed(server, "v1");
  await flipByte(server.data, layer);
  const run = async (...more: string[]) => (await berth(["scrub", "--data", server.data, ...more])).stdout;
  assert.match(await run("--no-repair"), /\n {2}in team\/app:v1\n {2}left as it is\n/);
  assert.match(await run(), /\n {2}put in quarantine: clients see it as missing until it is pushed again\n/);
});
