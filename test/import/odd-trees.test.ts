import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  unknownDigest,
} from "../harness/registry-client.ts";
import { imported, told } from "./imported.ts";
import { distributionTree } from "./tree.ts";

test("a damaged blob is left out, its manifest comes with a hole, and a later run heals it", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  const image = oci.image({ layers: [freshBytes(500_000), freshBytes(900)] });
  tree.push("app", image, "v1");
  const [, large, small] = image.blobs.map(({ digest }) => digest);
  tree.data(large ?? "", freshBytes(500_000));
  tree.data(small ?? "", freshBytes(10));
  await using registry = await startBerth();
  const { code, report } = await imported(folder.path, "--data", registry.data);
  assert.deepEqual([code, report.tags.set, report.lacking], [1, 1, []]);
  assert.deepEqual(report.leftOut.map(({ subject }) => subject).sort(), [large, small].sort());
  for (const { why } of report.leftOut) assert.match(why, /^it is damaged: its bytes are sha256:/);
  const client = registryClient(registry.url);
  expectStatus(await client.get("/v2/app/manifests/v1"), 200);
  expectStatus(await client.get(`/v2/app/blobs/${large}`), 404);
  assert.deepEqual(readdirSync(join(registry.data, "storage", "uploads")), []);

  for (const { digest, bytes } of image.blobs) tree.data(digest, bytes);
  assert.equal((await imported(folder.path, "--data", registry.data)).code, 0);
  for (const { digest, bytes } of image.blobs)
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
});

test("what the source itself lacks is told, and is no failure", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  const [noData, noLink, child] = [oci.image(), oci.image(), oci.image()];
  tree.push("app", noData, "no-data");
  rmSync(tree.dataFile(noData.blobs[1]?.digest ?? ""));
  tree.push("app", noLink, "no-link");
  rmSync(tree.layer("app", noLink.blobs[1]?.digest ?? ""));
  const index = oci.index({ manifests: [child.descriptor] });
  tree.push("app", index, "sparse");
  tree.tag("app", "nowhere", unknownDigest());
  tree.layer("app", digestOf(freshBytes())); // garbage collection of 2.8 leaves such links
  mkdirSync(join(tree.root, "repositories/app/_manifests/tags/untagged/index"), { recursive: true });
  const bare = oci.image();
  tree.push("app", bare, "bare");
  rmSync(tree.dataFile(bare.digest));
  await using registry = await startBerth();
  const { code, report } = await imported(folder.path, "--data", registry.data);
  assert.deepEqual([code, report.leftOut, report.tags.set, report.stale], [0, [], 3, 2]);
  const lacking = told(report.lacking);
  assert.deepEqual(
    lacking.map((line) => line.split(": ")[0]).sort(),
    [
      `app ${noData.digest}`,
      `app ${noLink.digest}`,
      `app ${index.digest}`,
      "app nowhere",
      `app ${bare.digest}`,
      "app bare",
    ].sort(),
  );
  expectStatus(await registryClient(registry.url).get("/v2/app/manifests/sparse"), 200);
});

test("hostile names, links and files are left out by name, and lead nowhere", async () => {
  using folder = tempFolder();
  using secret = tempFolder();
  const stolen = oci.image();
  writeFileSync(secret.file("data"), stolen.blobs[0]?.bytes ?? "");
  const tree = distributionTree(folder.file("r"));
  const image = oci.image();
  tree.push("app", image, "good");
  tree.push("UPPER/case", oci.image(), "v1");
  tree.push(`${"long/".repeat(60)}name`, oci.image(), "v1");
  tree.tag("app", "up", "../../../../../../etc/passwd");
  tree.tag("app", "huge", "a".repeat(20_000_000));
  tree.tag("app", ".hidden", image.digest);
  tree.tag("app", "UP\u001b[2J", image.digest);
  tree.write("repositories/app/_layers/md5/00/link", "md5:00");
  tree.write("repositories/app/_layers/sha256/nothex/link", "sha256:nothex");
  // Symbolic links: a blob's file, a folder of blobs, a repository, a tag's link.
  tree.layer("app", stolen.blobs[0]?.digest ?? "");
  const data = tree.dataFile(stolen.blobs[0]?.digest ?? "");
  mkdirSync(dirname(data), { recursive: true });
  symlinkSync(secret.file("data"), data);
  const moved = oci.image();
  tree.push("app", moved);
  const shard = dirname(tree.dataFile(moved.blobs[1]?.digest ?? ""));
  renameSync(shard, secret.file("shard"));
  symlinkSync(secret.file("shard"), shard);
  symlinkSync(secret.path, join(tree.root, "repositories/outside"));
  const current = tree.tag("app", "linked", image.digest);
  renameSync(current, secret.file("link"));
  symlinkSync(secret.file("link"), current);
  // A pipe would keep a reader waiting for ever.
  const pipe = oci.image();
  tree.push("app", pipe);
  rmSync(tree.dataFile(pipe.digest));
  execFileSync("mkfifo", [tree.dataFile(pipe.digest)]);

  await using registry = await startBerth();
  const { code, report } = await imported(folder.file("r"), "--data", registry.data);
  assert.equal(code, 1);
  assert.equal(report.tags.set, 1);
  const subjects = new Set(report.leftOut.map(({ subject }) => subject));
  for (const expected of [
    ...["UPPER/case", "up", "huge", ".hidden", "UP\u001b[2J", "md5:00", "sha256:nothex"],
    ...[stolen.blobs[0]?.digest, moved.blobs[1]?.digest, pipe.digest, "repositories/outside"],
    "repositories/app/_manifests/tags/linked/current/link",
  ])
    assert.ok(subjects.delete(expected ?? ""), `${expected} is not among ${[...subjects].join(", ")}`);
  assert.deepEqual([...subjects], [`${"long/".repeat(60)}name`]);
  const shown = await berth(["import", "distribution", folder.file("r"), "--data", registry.data]);
  assert.doesNotMatch(shown.stdout, /\u001b/);
});

test("what Berth doesn't take is left out with its tags: schema 1, broken JSON, too long, wrong sizes", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  const odd = (text: string, tag: string) => {
    const digest = digestOf(Buffer.from(text));
    tree.data(digest, text);
    tree.revision("app", digest);
    tree.tag("app", tag, digest);
    return digest;
  };
  const schema1 = odd(JSON.stringify({ schemaVersion: 1, name: "app", tag: "old", fsLayers: [] }), "old");
  odd("{", "broken");
  odd(" ".repeat(5 * 1024 * 1024), "long");
  const image = oci.image();
  const wrong = oci.image({
    layers: [{ ...image.descriptor, digest: image.blobs[0]?.digest ?? "", size: 7 }],
  });
  tree.push("app", image, "good");
  tree.push("app", wrong, "wrong-size");
  // The index names a child that is left out: it comes with a hole.
  const index = oci.index({
    manifests: [
      { mediaType: "application/vnd.docker.distribution.manifest.v1+json", digest: schema1, size: 1 },
    ],
  });
  tree.push("app", index, "index");
  await using registry = await startBerth();
  const { code, report } = await imported(folder.path, "--data", registry.data);
  assert.deepEqual([code, report.tags.set, report.leftOut.length], [1, 2, 8]);
  const all = told(report.leftOut).join("\n");
  for (const words of [
    /old: it points to .*left out/,
    /schema 1 is not accepted/,
    /has more than \d+ bytes/,
    /it says sha256:\w+ has 7 bytes/,
  ])
    assert.match(all, words);
});

test("manifests that 2.1 linked among the layers are found by their tags", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  const image = oci.image({ docker: true });
  tree.push("app", image, "v1");
  rmSync(dirname(tree.revision("app", image.digest)), { recursive: true });
  tree.layer("app", image.digest);
  await using registry = await startBerth();
  const { code, report } = await imported(folder.path, "--data", registry.data);
  assert.deepEqual([code, report.tags.set, report.leftOut], [0, 1, []]);
  expectStatus(await registryClient(registry.url).get("/v2/app/manifests/v1"), 200);
});

test("the two folders at the top may be links themselves", async () => {
  using folder = tempFolder();
  using disk = tempFolder();
  const tree = distributionTree(folder.path);
  tree.push("app", oci.image(), "v1");
  for (const place of ["blobs", "repositories"]) {
    renameSync(join(tree.root, place), disk.file(place));
    symlinkSync(disk.file(place), join(tree.root, place));
  }
  const { code, report } = await imported(folder.path, "--data", folder.file("data"));
  assert.deepEqual([code, report.tags.set, report.blobs.copied + report.blobs.cloned], [0, 1, 2]);
});

test("a place that holds no such registry is said so, and a wrong command line explained", async () => {
  using folder = tempFolder();
  writeFileSync(folder.file("file"), "");
  const at = (...args: string[]) => berth(["import", ...args, "--data", folder.file("data")]);
  for (const [place, words] of [
    [folder.path, /holds no registry of CNCF Distribution: there is no docker\/registry\/v2\/repositories/],
    [folder.file("none"), /can't be imported: there is no such folder/],
    [folder.file("file"), /can't be imported: it is a file/],
  ] as const) {
    const { code, stderr } = await at("distribution", place);
    assert.equal(code, 1);
    assert.match(stderr, words);
  }
  for (const [args, words] of [
    [[], /say from what|unknown "import --data"/],
    [["docker"], /unknown "import docker"; there is import distribution/],
    [["distribution", "s3://"], /names no bucket/],
    [["distribution"], /DIR or s3:\/\/BUCKET missing/],
    [["distribution", folder.path, "--region", "x"], /--region is for s3:\/\/BUCKET/],
    [["distribution", "s3://b", "--access-key-id-file", "x"], /belong together/],
    [["distribution", "s3://b", "--endpoint", "x"], /is a URL/],
  ] as const) {
    const { code, stderr } = await at(...args);
    assert.equal(code, 2);
    assert.match(stderr, words);
  }
  assert.deepEqual(readdirSync(folder.path), ["file"]);
});
