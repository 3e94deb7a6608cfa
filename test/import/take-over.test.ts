import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { findProgram } from "../clients/find-program.ts";
import { run } from "../clients/harness/run-program.ts";
import { needs } from "../clients/needs.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { releases, startDistribution, withRelease } from "./distribution.ts";
import { imported } from "./imported.ts";
import { assertAllThere, assertReferrers, pushAllKinds } from "./registry-of-all-kinds.ts";

for (const release of releases) {
  describe(`a registry of Distribution ${release.version} in a folder`, withRelease(release), () => {
    test("comes over whole next to both running servers, once, and is left as it was", async () => {
      await using old = await startDistribution(release);
      const pushed = await pushAllKinds(registryClient(old.url), { empty: true });
      await assertAllThere(registryClient(old.url), pushed);
      const before = contentOf(old.root);
      await using registry = await startBerth();

      const { code, report } = await imported(old.root, "--data", registry.data);
      assert.deepEqual([code, report.leftOut, report.lacking], [0, [], []]);
      assert.deepEqual([report.repositories, report.tags.set, report.manifests.stored], [5, 9, 12]);
      assert.equal(report.blobs.mounted > 0, true);
      const client = registryClient(registry.url);
      await assertAllThere(client, pushed);
      await assertReferrers(client, pushed);
      assert.deepEqual(contentOf(old.root), before);

      const again = await imported(`${old.root}/docker/registry/v2`, "--data", registry.data);
      assert.deepEqual(
        { ...again.report.blobs, there: 0 },
        { copied: 0, cloned: 0, linked: 0, mounted: 0, there: 0 },
      );
      assert.deepEqual([again.code, again.report.bytes, again.report.manifests.stored], [0, 0, 0]);
      assert.deepEqual(again.report.tags, { set: 0, there: 9 });
    });

    test("a second run takes what was pushed, moved and deleted there in the meantime", async () => {
      await using old = await startDistribution(release);
      const there = registryClient(old.url);
      const [first, second, third] = [oci.image(), oci.image(), oci.image({ layers: [freshBytes(300_000)] })];
      await there.push("app", first, "v1");
      await there.push("app", second, "latest");
      await using registry = await startBerth();
      assert.equal((await imported(old.root, "--data", registry.data)).code, 0);
      await there.push("app", third, "latest");
      await there.push("app", third, "v2");

      const left = await imported(old.root, "--data", registry.data);
      assert.equal(left.code, 1);
      assert.deepEqual(left.report.tags, { set: 1, there: 1 });
      assert.equal(left.report.leftOut[0]?.subject, "latest");
      assert.match(left.report.leftOut[0]?.why ?? "", /--overwrite/);
      const moved = await imported(old.root, "--data", registry.data, "--overwrite");
      assert.deepEqual([moved.code, moved.report.tags], [0, { set: 1, there: 2 }]);
      const latest = await registryClient(registry.url).get("/v2/app/manifests/latest");
      assert.equal(latest.headers.get("docker-content-digest"), third.digest);
    });
  });
}

const [oldest] = releases;
const both = { skip: withRelease(oldest).skip || needs("skopeo", "crane").skip };

test("what clients pushed is pulled by them from Berth, with the same digests", both, async () => {
  using folder = tempFolder();
  await using old = await startDistribution(oldest);
  const there = registryClient(old.url);
  const children = [oci.image({ layers: [freshBytes(5000)] }), oci.image({ layers: [freshBytes(9000)] })];
  for (const child of children) await there.push("origin", child);
  await there.push("origin", oci.index({ manifests: children.map(({ descriptor }) => descriptor) }), "all");
  const env = { HOME: folder.path, PATH: process.env["PATH"] ?? "" };
  const crane = (...args: string[]) => run(findProgram("crane") ?? "crane", ["--insecure", ...args], { env });
  const skopeo = (...args: string[]) => run("skopeo", args, { env });
  await crane("copy", `${old.host}/origin:all`, `${old.host}/by/crane:all`);
  const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  await skopeo(
    "copy",
    "--all",
    ...insecure,
    `docker://${old.host}/origin:all`,
    `docker://${old.host}/by/skopeo:all`,
  );
  const pushed = ["crane", "skopeo"].map((client) => `by/${client}:all`);
  const digestsAt = async (host: string) =>
    Promise.all(pushed.map(async (name) => (await crane("digest", `${host}/${name}`)).trim()));
  const before = await digestsAt(old.host);
  await old.stop();

  await using registry = await startBerth();
  assert.equal((await imported(old.root, "--data", registry.data, "--repository", "by/*")).code, 0);
  const { host } = new URL(registry.url);
  assert.deepEqual(await digestsAt(host), before);
  for (const name of pushed)
    await skopeo(
      "copy",
      "--all",
      "--src-tls-verify=false",
      `docker://${host}/${name}`,
      `oci:${folder.file("layout")}`,
    );
  expectStatus(await registryClient(registry.url).get("/v2/origin/manifests/all"), 404);
});

/** Path → hash of every file below a folder. */
function contentOf(folder: string): Map<string, string> {
  const content = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const file = join(entry.parentPath, entry.name);
      content.set(file, createHash("sha256").update(readFileSync(file)).digest("hex"));
    }
  return content;
}
