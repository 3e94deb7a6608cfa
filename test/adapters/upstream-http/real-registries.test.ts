import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { upstreamKinds } from "../../upstreams/kinds.ts";
import {
  bytesOf,
  digest,
  manifestOf,
  rejectsAs,
  repository,
  sameBytes,
  soon,
  tag,
  upstreamOf,
  withPassword,
} from "./asked.ts";

// Nobody else may read it where there are accounts.
const name = repository("team/app");
const unknown = digest(`sha256:${"0".repeat(64)}`);

for (const kind of upstreamKinds)
  test(`everything of an image is pulled from ${kind.name}`, kind.needed, async () => {
    await using server = await kind.start();
    const { account } = server;
    const layer = freshBytes(3_000_000);
    const image = oci.image({ layers: [layer] });
    const signature = oci.image({ artifactType: "a/sig", subject: image.descriptor });
    await server.push(name, "1.0", image);
    await server.push(name, "1.1", image);
    await server.push(name, "signature", signature);
    // As clients do where the registry has no referrers API.
    const list = oci.index({ manifests: [{ ...signature.descriptor, artifactType: "a/sig" }] });
    await server.push(name, image.digest.replace(":", "-"), list);

    await using upstream = upstreamOf(
      server.url,
      account === undefined ? {} : withPassword(account.name, account.secret),
    );
    await upstream.check(soon());
    const head = await upstream.head(name, tag("1.0"), undefined, soon());
    assert.ok(head !== "unchanged" && head.digest === image.digest && head.mediaType === image.mediaType);
    assert.equal(await upstream.head(name, tag("1.0"), digest(image.digest), soon()), "unchanged");
    const manifest = await manifestOf(upstream, tag("1.1"), name);
    assert.ok(manifest !== "unchanged" && manifest.digest === image.digest);
    sameBytes(manifest.bytes, image.bytes);

    const id = digest(image.blobs[1]?.digest ?? "");
    assert.equal(await upstream.blobSize(name, id, soon()), layer.length);
    sameBytes(await bytesOf(await upstream.blob(name, id, 0, soon())), layer);
    const rest = await upstream.blob(name, id, 1_000_000, soon());
    assert.deepEqual([rest.from, rest.size], [1_000_000, layer.length]);
    sameBytes(await bytesOf(rest), layer.subarray(1_000_000));

    // Some have no pages and no order.
    const tags: string[] = [];
    for (let more = true; more && tags.length < 10;) {
      const page = await upstream.tags(name, { limit: 1, last: tags.at(-1) }, soon());
      tags.push(...page.tags);
      more = page.more;
    }
    assert.deepEqual(tags.sort(), ["1.0", "1.1", image.digest.replace(":", "-"), "signature"].sort());
    const referrers = await upstream.referrers(name, digest(image.digest), 10, soon());
    assert.ok(referrers.some((each) => each.digest === signature.digest && each.artifactType === "a/sig"));
    assert.deepEqual(await upstream.referrers(name, unknown, 10, soon()), []);

    await rejectsAs(manifestOf(upstream, tag("gone"), name), "upstream-unknown");
    await rejectsAs(upstream.blob(name, unknown, 0, soon()), "upstream-unknown");
    if (account === undefined) return;
    await using wrong = upstreamOf(server.url, withPassword(account.name, "wrong"));
    await rejectsAs(manifestOf(wrong, tag("1.0"), name), "upstream-refused");
    await rejectsAs(wrong.check(soon()), "upstream-refused");
    await using nobody = upstreamOf(server.url);
    await rejectsAs(manifestOf(nobody, tag("1.0"), name), "upstream-refused", /credentials/);
  });
