import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { imported } from "./imported.ts";
import { distributionTree } from "./tree.ts";

function blobFiles(data: string): string[] {
  const blobs = join(data, "storage", "blobs", "sha256");
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("--dry-run says what would be done and writes nothing", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.file("old"));
  const shared = freshBytes(200_000);
  tree.push("app", oci.image({ layers: [shared] }), "v1");
  tree.push("other", oci.image({ layers: [shared] }), "v1");
  tree.tag("app", "odd", "nothing");
  const dry = await imported(folder.file("old"), "--dry-run", "--data", folder.file("data"));
  assert.equal(existsSync(folder.file("data")), false);
  const { report } = await imported(folder.file("old"), "--data", folder.file("data"));
  const { dryRun, ...would } = dry.report as typeof dry.report & { dryRun: boolean };
  assert.deepEqual({ ...would, dryRun }, { ...report, dryRun: true });
  assert.equal(dry.code, 1);
  assert.equal(report.blobs.mounted, 1);

  tree.push("app", oci.image(), "v2");
  const before = blobFiles(folder.file("data")).length;
  const later = await imported(folder.file("old"), "--dry-run", "--data", folder.file("data"));
  assert.deepEqual(later.report.tags, { set: 1, there: 2 });
  assert.equal(blobFiles(folder.file("data")).length, before);
  const { stdout } = await berth([
    "import",
    "distribution",
    folder.file("old"),
    "--dry-run",
    "--data",
    folder.file("data"),
  ]);
  assert.match(
    stdout,
    /Nothing was changed\. An import would do this:\nRepositories {2}2\nTags {10}1 to set, 2 there already/,
  );
});

test("--link gives files a second name, otherwise they are Berth's own", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.file("old"));
  const image = oci.image({ layers: [freshBytes(300_000)] });
  tree.push("app", image, "v1");
  const inodes = () => new Set(image.blobs.map(({ digest }) => statSync(tree.dataFile(digest)).ino));
  const { report } = await imported(folder.file("old"), "--data", folder.file("linked"), "--link");
  assert.deepEqual([report.blobs.linked, report.blobs.copied], [2, 0]);
  assert.deepEqual(new Set(blobFiles(folder.file("linked")).map((file) => statSync(file).ino)), inodes());

  const copied = await imported(folder.file("old"), "--data", folder.file("copied"));
  assert.equal(copied.report.blobs.copied + copied.report.blobs.cloned, 2);
  for (const file of blobFiles(folder.file("copied"))) {
    assert.equal(inodes().has(statSync(file).ino), false);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  }
  // A linked file that is damaged is no blob, and nothing of it stays.
  tree.push("app", oci.image(), "v2");
  const broken = oci.image();
  tree.push("app", broken);
  tree.data(broken.blobs[1]?.digest ?? "", "others");
  const again = await imported(folder.file("old"), "--data", folder.file("linked"), "--link");
  assert.deepEqual([again.code, again.report.blobs.linked, again.report.blobs.there], [1, 3, 2]);
  assert.deepEqual(readdirSync(folder.file("linked/storage/uploads")), []);
});

test("--link copies what it can't link, and root's files don't get into another's folder", async () => {
  using folder = tempFolder();
  const shm = "/dev/shm";
  const other = mkdtempSync(join(existsSync(shm) ? shm : tmpdir(), "berth-import-"));
  try {
    const tree = distributionTree(other);
    tree.push("app", oci.image(), "v1");
    const elsewhere = statSync(other).dev !== statSync(folder.path).dev;
    const { report } = await imported(other, "--data", folder.file("data"), "--link");
    assert.equal(report.blobs.linked, elsewhere ? 0 : 2);
    assert.equal(report.tags.set, 1);
  } finally {
    rmSync(other, { recursive: true });
  }
  if (process.getuid?.() !== 0) return;
  const tree = distributionTree(folder.file("old"));
  const image = oci.image();
  tree.push("app", image, "v1");
  for (const { digest } of image.blobs) chownSync(tree.dataFile(digest), 12345, 12345);
  const { report } = await imported(folder.file("old"), "--data", folder.file("third"), "--link");
  assert.deepEqual([report.blobs.linked, report.tags.set], [0, 1]);
  chownSync(folder.file("third/storage"), 12345, 12345);
  const refused = await berth(["import", "distribution", folder.file("old"), "--data", folder.file("third")]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /storage belongs to user 12345: run this as that user/);
});

test("a run that was killed is gone on with by the next one", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.file("old"));
  const images = Array.from({ length: 30 }, () =>
    oci.image({ layers: [freshBytes(2_000_000), freshBytes(3000)] }),
  );
  images.forEach((image, i) => tree.push(`app/${i % 7}`, image, `v${i}`));
  const data = folder.file("data");
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const args = ["--conditions=berth-src", main, "import", "distribution", folder.file("old"), "--data", data];
  for (const enough of [8, 40]) {
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = once(child, "exit");
    const count = () => (existsSync(join(data, "storage", "blobs", "sha256")) ? blobFiles(data).length : 0);
    for (let i = 0; i < 2000 && count() < enough && child.exitCode === null; i++) await sleep(5);
    child.kill("SIGKILL");
    await ended;
  }
  await using registry = await startBerth();
  const first = await imported(folder.file("old"), "--data", registry.data);
  assert.equal(first.report.blobs.there, 0);
  const { code, report } = await imported(folder.file("old"), "--data", data);
  assert.deepEqual([code, report.leftOut, report.lacking], [0, [], []]);
  assert.equal(report.blobs.there >= 8, true, `${report.blobs.there} were there`);
  assert.equal(report.blobs.there + report.blobs.copied + report.blobs.cloned, 90);
  assert.equal(report.tags.set + report.tags.there, 30);
});

test("changes are the operator's in the audit log, where there is one", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  tree.push("app", oci.image(), "v1");
  await using registry = await startBerth();
  await imported(folder.path, "--data", registry.data);
  const quiet = await berth(["audit", "--json", "--data", registry.data]);
  assert.equal(quiet.stdout, "");
  await using audited = await startBerth();
  const { code } = await berth(["import", "distribution", folder.path, "--data", audited.data], {
    env: { BERTH_AUDIT_ENABLED: "true" },
  });
  assert.equal(code, 0);
  const { stdout } = await berth(["audit", "--json", "--data", audited.data]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { action: string; actor: string; rule: string });
  assert.deepEqual(lines.map(({ action }) => action).sort(), [
    "create-tag",
    "push-blob",
    "push-blob",
    "push-manifest",
  ]);
  for (const { actor, rule } of lines) assert.deepEqual([actor, rule], ["operator", "berth import"]);
});

test("pushes to Berth go on while it imports", async () => {
  using folder = tempFolder();
  const tree = distributionTree(folder.path);
  for (let i = 0; i < 20; i++) tree.push("app", oci.image({ layers: [freshBytes(400_000)] }), `v${i}`);
  await using registry = await startBerth();
  const client = registryClient(registry.url);
  const [{ code }] = await Promise.all([
    imported(folder.path, "--data", registry.data),
    ...Array.from({ length: 10 }, (_, i) => client.push("app", oci.image(), `pushed${i}`)),
  ]);
  assert.equal(code, 0);
  const list = await client.get("/v2/app/tags/list");
  assert.equal((JSON.parse(list.body.toString()) as { tags: string[] }).tags.length, 30);
});
