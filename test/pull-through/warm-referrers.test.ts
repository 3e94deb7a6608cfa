import assert from "node:assert/strict";
import { test } from "node:test";
import { warmImage } from "#pull-through/warm.ts";
import { oci, type ManifestContent } from "../harness/registry-content.ts";
import { plainUpstream, upstreamKinds } from "../upstreams/kinds.ts";
import type { RunningUpstream } from "../upstreams/running-upstream.ts";
import { fillOverRegistry } from "./fill-over-registry.ts";
import { app, blobsOf, multiPlatform, never, unseen, v1 } from "./warm-wanted.ts";

const tagOf = ({ digest }: ManifestContent) => digest.replace(":", "-");

test(
  "cosign's signatures come by their tags, of the index and of its images",
  plainUpstream.needed,
  async () => {
    await using upstream = await plainUpstream.start();
    const { index, children } = multiPlatform("linux/amd64", "linux/arm64");
    await upstream.push("library/app", "v1", index, ...children);
    const said = [oci.image(), oci.image(), oci.image()];
    const [signature, attestation, sbom] = said as [ManifestContent, ManifestContent, ManifestContent];
    await upstream.push("library/app", `${tagOf(index)}.sig`, signature);
    await upstream.push("library/app", `${tagOf(index)}.att`, attestation);
    await upstream.push("library/app", `${tagOf(children[0] as ManifestContent)}.sbom`, sbom);
    const fill = fillOverRegistry(upstream.url);
    await warmImage(fill, app, v1, { platforms: [], referrers: false }, unseen, never);
    assert.deepEqual([...fill.blobs].sort(), blobsOf(...children));
    const report = await warmImage(fill, app, v1, { platforms: [], referrers: true }, unseen, never);
    assert.deepEqual([...fill.blobs].sort(), blobsOf(...children, ...said));
    assert.deepEqual(report.faults, []);

    // With the upstream's tags known, only those are asked for that there are.
    upstream.front.forget();
    const aboutOthers = new Set([`${tagOf(index)}.sig`]);
    await warmImage(fill, app, v1, { platforms: [], referrers: true, aboutOthers }, unseen, never);
    const asked = upstream.front.requests("manifest").map(({ reference }) => reference);
    assert.deepEqual(
      asked.filter((reference) => reference.endsWith(".sig")),
      [`${tagOf(index)}.sig`],
    );
    assert.ok(!asked.some((reference) => /\.(att|sbom)$/.test(reference)));
  },
);

/** What refers to what refers to the image; a registry with the API lists them, one without has the tag schema. */
async function pushChain(upstream: RunningUpstream, bySchema: boolean) {
  const image = oci.image();
  const first = oci.image({ subject: image.descriptor, artifactType: "application/vnd.example.sbom" });
  const second = oci.image({ subject: first.descriptor, artifactType: "application/vnd.example.signature" });
  await upstream.push("library/app", "v1", image);
  for (const [subject, referrer] of [
    [image, first],
    [first, second],
  ] as const) {
    await upstream.push("library/app", referrer.digest, referrer);
    if (bySchema)
      await upstream.push("library/app", tagOf(subject), oci.index({ manifests: [referrer.descriptor] }));
  }
  return [image, first, second];
}

for (const { name, start, needed } of upstreamKinds.filter(({ name }) => !name.includes("htpasswd"))) {
  test(`referrers come with the image, and theirs: ${name}`, needed, async () => {
    await using upstream = await start();
    const chain = await pushChain(upstream, !name.startsWith("Berth"));
    const fill = fillOverRegistry(upstream.url);
    const report = await warmImage(
      fill,
      app,
      v1,
      { platforms: ["linux/amd64"], referrers: true },
      unseen,
      never,
    );
    assert.deepEqual(report.faults, []);
    assert.deepEqual([...fill.blobs].sort(), blobsOf(...chain));
  });
}
