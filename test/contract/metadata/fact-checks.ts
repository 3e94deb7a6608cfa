import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepositoryName } from "#oci/reference.ts";
import {
  alpha,
  beta,
  blob,
  child,
  digest,
  latest,
  layer,
  location,
  manifest,
  tag,
  type Open,
} from "./content.ts";

const all = { limit: 100, last: undefined };

export function factCheckContract(open: Open): void {
  test("what agrees is right", async () => {
    await using metadata = await open();
    const { repositories, factChecks } = metadata;
    await repositories.addBlob(blob(alpha, "one"));
    await repositories.addBlob(blob(alpha, "loose"));
    await repositories.addBlob(blob(beta, "one"));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("one")] }));
    assert.deepEqual(await factChecks.repositories(all), [alpha, beta]);
    assert.deepEqual(await factChecks.repositories({ limit: 1, last: alpha }), [beta]);
    const links = await factChecks.links(alpha, undefined, 100);
    assert.deepEqual(
      links.map(({ blob: of, marked }) => [of?.digest, marked]).sort(),
      [
        [digest("one"), "right"],
        [digest("loose"), "right"],
      ].sort(),
    );
    assert.deepEqual(await factChecks.links(alpha, links[0]?.id, 100), links.slice(1));
    assert.equal(
      await factChecks.mendLinks(
        alpha,
        links.map(({ id }) => id),
        9,
      ),
      0,
    );
    assert.deepEqual(await factChecks.links(alpha, undefined, 100), links);
    assert.equal(await factChecks.usage(alpha), undefined);
    assert.equal(await factChecks.usage("no/such" as RepositoryName), undefined);
    await factChecks.mendUsage("no/such" as RepositoryName);
    assert.deepEqual(await factChecks.wrongOwners(), []);
    await factChecks.mendOwners();
    assert.deepEqual(await factChecks.lostTags(alpha, 10), []);
    assert.deepEqual(await factChecks.links("no/such" as RepositoryName, undefined, 10), []);
  });

  test("manifests are listed with tags and without, page by page", async () => {
    await using metadata = await open();
    const { repositories, factChecks } = metadata;
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) await repositories.putManifest(manifest(alpha, name));
    const digests = names.map(digest).sort();
    assert.deepEqual(await factChecks.manifests(alpha, all), digests);
    const [first, second] = digests;
    assert.deepEqual(await factChecks.manifests(alpha, { limit: 1, last: first }), [second]);
    assert.deepEqual(await factChecks.manifests(beta, all), []);
  });

  test("a size is set right where the bytes lie, and counted", async () => {
    await using metadata = await open();
    const { repositories, factChecks } = metadata;
    await repositories.addBlob(blob(alpha, "blob"));
    assert.equal(await factChecks.mendSize(digest("blob"), location("elsewhere"), 9), false);
    assert.equal(await factChecks.mendSize(digest("blob"), location("at/blob"), 9), true);
    assert.equal((await repositories.recordedBlob(digest("blob")))?.size, 9);
    assert.equal(await factChecks.usage(alpha), undefined);
  });

  test("a manifest's bytes are set right in one repository, copies come from all", async () => {
    await using metadata = await open();
    const { repositories, factChecks } = metadata;
    const right = Buffer.from("m");
    const wrong = Buffer.from("wrong bytes");
    const stored = async () =>
      Buffer.from((await repositories.manifest(alpha, latest))?.bytes ?? []).toString();
    for (const repository of [alpha, beta])
      await repositories.putManifest(manifest(repository, "m", { tags: [{ name: latest, was: "any" }] }));
    assert.equal(await factChecks.mendManifest(alpha, digest("none"), right), false);
    assert.equal(await factChecks.mendManifest(alpha, digest("m"), wrong), true);
    assert.equal(await stored(), "wrong bytes");
    const copies = await factChecks.manifestCopies(digest("m"), 10);
    assert.deepEqual(copies.map((bytes) => Buffer.from(bytes).toString()).sort(), ["m", "wrong bytes"]);
    const usage = await factChecks.usage(alpha);
    assert.deepEqual([usage?.counted.bytes, usage?.real.bytes], [1, 11]);
    await factChecks.mendUsage(alpha);
    assert.equal(await factChecks.usage(alpha), undefined);
    assert.equal(await factChecks.mendManifest(alpha, digest("m"), right), true);
    assert.equal(await stored(), "m");
    await factChecks.mendUsage(alpha);
  });

  test("tags are found that lead to a blob or manifest, through an index too, in that repository", async () => {
    await using metadata = await open();
    const { repositories, factChecks } = metadata;
    await repositories.addBlob(blob(alpha, "one"));
    await repositories.addBlob(blob(beta, "one"));
    const put = (name: string, rest: Parameters<typeof manifest>[2]) =>
      repositories.putManifest(manifest(alpha, name, rest));
    await put("image", { references: [layer("one")], tags: [{ name: tag("v1"), was: "any" }] });
    await put("index", { references: [child("image")], tags: [{ name: tag("multi"), was: "any" }] });
    await put("other", { tags: [{ name: tag("other"), was: "any" }] });
    await repositories.putManifest(
      manifest(beta, "theirs", { references: [layer("one")], tags: [{ name: tag("theirs"), was: "any" }] }),
    );
    assert.deepEqual(await factChecks.tagsReaching(alpha, digest("one"), 10), ["multi", "v1"]);
    assert.deepEqual(await factChecks.tagsReaching(alpha, digest("image"), 10), ["multi", "v1"]);
    assert.deepEqual(await factChecks.tagsReaching(alpha, digest("index"), 10), ["multi"]);
    assert.deepEqual(await factChecks.tagsReaching(alpha, digest("one"), 1), ["multi"]);
    assert.deepEqual(await factChecks.tagsReaching(beta, digest("one"), 10), ["theirs"]);
    assert.deepEqual(await factChecks.tagsReaching(beta, digest("image"), 10), []);
  });
}
