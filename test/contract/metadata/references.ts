import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, beta, blob, child, digest, latest, layer, location, manifest, type Open } from "./content.ts";

export function referenceContract(open: Open): void {
  test("required references that the repository lacks are all named, and nothing is written", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "here"));
    await repositories.addBlob(blob(beta, "elsewhere"));
    const elsewhere = layer("elsewhere");
    const nowhere = child("nowhere");
    const put = manifest(alpha, "m", {
      references: [layer("here"), elsewhere, nowhere, layer("optional", { required: false }), elsewhere],
      tags: [{ name: latest, was: "any" }],
    });
    assert.deepEqual(await repositories.putManifest(put), {
      outcome: "missing",
      references: [elsewhere, nowhere],
    });
    assert.equal(await repositories.manifest(alpha, digest("m")), undefined);
    assert.equal(await repositories.manifest(alpha, latest), undefined);
    assert.equal(await repositories.blob(alpha, digest("elsewhere")), undefined);
  });

  test("a put that is refused leaves no repository behind", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("nowhere")] }));
    assert.equal(await repositories.exists(alpha), false);
  });

  test("a child of an index is there as a manifest or as a linked blob; a layer only as a blob", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "kid"));
    await repositories.addBlob(blob(alpha, "blob"));
    const index = manifest(alpha, "index", { references: [child("kid"), child("blob"), layer("blob")] });
    assert.equal((await repositories.putManifest(index)).outcome, "stored");
    const image = manifest(alpha, "image", { references: [layer("kid")] });
    assert.deepEqual(await repositories.putManifest(image), {
      outcome: "missing",
      references: [layer("kid")],
    });
    const foreign = manifest(beta, "index", { references: [child("kid")] });
    assert.equal((await repositories.putManifest(foreign)).outcome, "missing");
  });

  test("a size that differs from what is stored is refused, required or not", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.putManifest(manifest(alpha, "kid"));
    const short = layer("x", { size: 0 });
    const long = child("kid", { size: 99, required: false });
    const put = manifest(alpha, "m", { references: [layer("x"), short, long, short] });
    assert.deepEqual(await repositories.putManifest(put), {
      outcome: "wrong-size",
      references: [
        { ...short, stored: 1 },
        { ...long, stored: 3 },
      ],
    });
    assert.equal(await repositories.manifest(alpha, digest("m")), undefined);
  });

  test("what is missing is told before what has the wrong size", async () => {
    await using metadata = await open();
    await metadata.repositories.addBlob(blob(alpha, "x"));
    const references = [layer("x", { size: 7 }), layer("nowhere")];
    const outcome = await metadata.repositories.putManifest(manifest(alpha, "m", { references }));
    assert.deepEqual(outcome, { outcome: "missing", references: [layer("nowhere")] });
  });

  test("a damaged blob must be pushed again before a manifest may require it", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.quarantine(digest("x"), location("at/x"));
    const put = manifest(alpha, "m", { references: [layer("x")] });
    assert.deepEqual(await repositories.putManifest(put), { outcome: "missing", references: [layer("x")] });
    await repositories.addBlob(blob(alpha, "x", { location: location("fresh") }));
    assert.equal((await repositories.putManifest(put)).outcome, "stored");
  });

  test("an intended hole doesn't link a blob of another repository", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(beta, "x"));
    const put = manifest(alpha, "m", { references: [layer("x", { required: false })] });
    assert.equal((await repositories.putManifest(put)).outcome, "stored");
    assert.equal(await repositories.blob(alpha, digest("x")), undefined);
    assert.deepEqual(await repositories.unlinkBlob(beta, digest("x"), 1, undefined), { outcome: "unlinked" });
  });

  test("holes are what was allowed to lack when the manifest was put, and nothing else", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    const references = [layer("x"), layer("gone", { required: false })];
    await repositories.putManifest(manifest(alpha, "m", { references }));
    assert.deepEqual(await repositories.holes(alpha, digest("m")), [digest("gone")]);
    assert.deepEqual(await repositories.holes(beta, digest("m")), []);
    assert.deepEqual(await repositories.holes(alpha, digest("other")), []);
  });
}
