import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, beta, digest, manifest, type Open } from "./content.ts";

const all = { limit: 100, last: undefined, artifactType: undefined };

export function referrerContract(open: Open): void {
  test("referrers of a digest are listed with what was pushed, though the subject isn't there", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const subject = digest("subject");
    const annotations = '{"key":"välue"}';
    await repositories.putManifest(manifest(alpha, "plain", { subject, mediaType: "a/b" }));
    await repositories.putManifest(manifest(alpha, "rich", { subject, artifactType: "x/y", annotations }));
    await repositories.putManifest(manifest(alpha, "other", { subject: digest("other subject") }));
    await repositories.putManifest(manifest(alpha, "none"));
    await repositories.putManifest(manifest(beta, "elsewhere", { subject }));
    const found = await repositories.referrers(alpha, subject, all);
    const plain = {
      digest: digest("plain"),
      mediaType: "a/b",
      size: 5,
      artifactType: undefined,
      annotations: undefined,
    };
    const rich = {
      digest: digest("rich"),
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      size: 4,
      artifactType: "x/y",
      annotations,
    };
    assert.deepEqual(
      found,
      [plain, rich].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    );
    assert.deepEqual(await repositories.referrers(alpha, digest("unknown"), all), []);
  });

  test("the filter by artifact type is exact", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const subject = digest("subject");
    for (const artifactType of ["x/a", "x/b", undefined])
      await repositories.putManifest(manifest(alpha, `of ${artifactType}`, { subject, artifactType }));
    const found = await repositories.referrers(alpha, subject, { ...all, artifactType: "x/a" });
    assert.deepEqual(
      found.map((referrer) => referrer.digest),
      [digest("of x/a")],
    );
    assert.deepEqual(await repositories.referrers(alpha, subject, { ...all, artifactType: "X/A" }), []);
  });

  test("pages go by digest; what is deleted or pushed between them moves nothing", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const subject = digest("subject");
    const names = Array.from({ length: 20 }, (_, i) => `r${i}`);
    const late = "late";
    const digests = [...names, late].map(digest).sort();
    for (const name of names) {
      await repositories.putManifest(manifest(alpha, name, { subject, artifactType: "x/y" }));
    }
    const first = await repositories.referrers(alpha, subject, { ...all, limit: 8, artifactType: "x/y" });
    const before = digests.filter((d) => d !== digest(late));
    assert.deepEqual(
      first.map((referrer) => referrer.digest),
      before.slice(0, 8),
    );
    const last = before[7];
    assert.ok(last !== undefined);
    await repositories.deleteManifest(alpha, last, {}, 3000, undefined);
    await repositories.putManifest(manifest(alpha, late, { subject, artifactType: "x/y" }));
    const rest = await repositories.referrers(alpha, subject, { ...all, last });
    assert.deepEqual(
      rest.map((referrer) => referrer.digest),
      digests.filter((d) => d > last),
    );
  });

  test("a deleted referrer is no longer listed", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "r", { subject: digest("s") }));
    await repositories.deleteManifest(alpha, digest("r"), {}, 3000, undefined);
    assert.deepEqual(await repositories.referrers(alpha, digest("s"), all), []);
  });
}
