import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, beta, blob, digest, latest, layer, manifest } from "./content.ts";

export interface Plantable extends AsyncDisposable {
  metadata: Metadata;
  /** Statements of both stores, on a connection of their own where no foreign key is looked at and no trigger fires. */
  plant(...statements: string[]): Promise<void>;
}

const cached = "docker.io/library/busybox!" as RepositoryName;

/** Facts that no change through the seam makes wrong, planted and set right (core/metadata/fact-checks.ts). */
export function wrongFactContract(open: () => Promise<Plantable>): void {
  test("wrong marks of links are found and set right, hosted and cached", async () => {
    await using opened = await open();
    const { metadata, plant } = opened;
    const { repositories, factChecks } = metadata;
    for (const repository of [alpha, cached]) {
      await repositories.addBlob(blob(repository, "named"));
      await repositories.addBlob(blob(repository, "loose"));
      await repositories.putManifest(manifest(repository, "m", { references: [layer("named")] }));
      assert.ok(
        (await factChecks.links(repository, undefined, 10)).every(({ marked }) => marked === "right"),
      );
    }
    await plant("UPDATE repository_blobs SET unreferenced_at = CASE WHEN unreferenced_at IS NULL THEN 5 END");
    const wrongIn = async (repository: RepositoryName) =>
      (await factChecks.links(repository, undefined, 10)).filter(({ marked }) => marked === "wrong");
    assert.deepEqual([(await wrongIn(alpha)).length, (await wrongIn(cached)).length], [2, 2]);
    const ids = (await wrongIn(alpha)).map(({ id }) => id);
    assert.equal(await factChecks.mendLinks(alpha, ids, 77), 2);
    assert.equal(await factChecks.mendLinks(alpha, ids, 78), 0);
    assert.deepEqual([(await wrongIn(alpha)).length, (await wrongIn(cached)).length], [0, 2]);
    assert.equal(await factChecks.mendLinks(cached, ids, 79), 2);
    assert.deepEqual(await wrongIn(cached), []);
    const loose = await metadata.garbage.looseLinks(1000, 10, undefined);
    assert.deepEqual(
      loose.map((link) => [link.repository, link.digest, link.unreferencedAt]),
      [[alpha, digest("loose"), 77]],
    );
  });

  test("wrong counters are found and set right", async () => {
    await using opened = await open();
    const { metadata, plant } = opened;
    const { repositories, factChecks } = metadata;
    const by = { actorId: "7", actor: "ann", kind: "user", address: "", request: "", rule: "" } as const;
    await repositories.addBlob(blob(alpha, "four", { by }));
    await repositories.addBlob(blob(beta, "four"));
    await repositories.putManifest(manifest(alpha, "m", { tags: [{ name: latest, was: "any" }], by }));
    await plant(
      "UPDATE repository_usage SET bytes = bytes + 100, tags = 0",
      "UPDATE owner_usage SET bytes = 1",
      "INSERT INTO owner_usage (owner, bytes, tags) VALUES ('nobody', 3, 1)",
    );
    assert.deepEqual(await factChecks.usage(alpha), {
      counted: { bytes: 105, blobs: 1, manifests: 1, tags: 0 },
      real: { bytes: 5, blobs: 1, manifests: 1, tags: 1 },
    });
    assert.deepEqual(await factChecks.wrongOwners(), ["7", "nobody"]);
    await factChecks.mendUsage(alpha);
    assert.equal(await factChecks.usage(alpha), undefined);
    assert.equal((await factChecks.usage(beta))?.counted.bytes, 104);
    await factChecks.mendOwners();
    assert.deepEqual(await factChecks.wrongOwners(), []);
    await plant("DELETE FROM repository_usage");
    assert.deepEqual((await factChecks.usage(beta))?.counted, { bytes: 0, blobs: 0, manifests: 0, tags: 0 });
    await factChecks.mendUsage(beta);
    assert.equal(await factChecks.usage(beta), undefined);
  });

  test("links to a blob without a row are taken away, in all repositories", async () => {
    await using opened = await open();
    const { metadata, plant } = opened;
    const { repositories, factChecks } = metadata;
    for (const repository of [alpha, beta]) {
      await repositories.addBlob(blob(repository, "lost"));
      await repositories.addBlob(blob(repository, "kept"));
    }
    await plant(`DELETE FROM blobs WHERE digest = '${digest("lost")}'`);
    const links = await factChecks.links(alpha, undefined, 10);
    const lost = links.filter((link) => link.blob === undefined).map(({ id }) => id);
    assert.deepEqual([links.length, lost.length], [2, 1]);
    assert.equal(await factChecks.mendLinks(alpha, lost, 9), 2);
    for (const repository of [alpha, beta])
      assert.deepEqual(
        (await factChecks.links(repository, undefined, 10)).map((link) => link.blob?.digest),
        [digest("kept")],
      );
    await repositories.addBlob(blob(alpha, "lost"));
    assert.equal((await repositories.blob(alpha, digest("lost")))?.size, 4);
  });

  test("tags whose manifest has no row are named", async () => {
    await using opened = await open();
    const { metadata, plant } = opened;
    await metadata.repositories.putManifest(manifest(alpha, "m", { tags: [{ name: latest, was: "any" }] }));
    await plant("DELETE FROM manifests");
    assert.deepEqual(await metadata.factChecks.lostTags(alpha, 10), [latest]);
    assert.deepEqual(await metadata.factChecks.lostTags(beta, 10), []);
  });
}
