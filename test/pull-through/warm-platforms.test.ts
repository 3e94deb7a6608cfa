import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPlatform, parsePlatform, type Platform } from "#oci/platform.ts";
import { warmImage } from "#pull-through/warm.ts";
import { oci } from "../harness/registry-content.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import { fillOverRegistry } from "./fill-over-registry.ts";
import { app, blobsOf, counts, forPlatform, multiPlatform, never, unseen, v1 } from "./warm-wanted.ts";

test("of an index only the platforms that are wanted come", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  const { index, children } = multiPlatform("linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8");
  await upstream.push("library/app", "v1", index, ...children);
  const [amd64, , v7, arm64] = children as [never, never, never, never];
  const wanted = [
    [["linux/amd64"], [amd64]],
    [
      ["linux/arm64", "linux/arm/v7"],
      [v7, arm64],
    ],
    [["linux/riscv64"], []],
    [[], children],
  ] as const;
  for (const [platforms, came] of wanted) {
    const fill = fillOverRegistry(upstream.url);
    const report = await warmImage(fill, app, v1, { platforms, referrers: false }, unseen, never);
    assert.deepEqual([...fill.blobs].sort(), blobsOf(...came), platforms.join());
    assert.deepEqual([counts(report)[0], report.faults], [1 + came.length, []]);
  }
});

test(
  "attestations come with the images they are about, when referrers are wanted",
  plainUpstream.needed,
  async () => {
    await using upstream = await plainUpstream.start();
    const images = [oci.image(), oci.image()];
    const said = images.map(({ digest }) => ({ attestation: oci.image(), digest }));
    const manifests = [
      ...images.map((image, i) => forPlatform(image, i === 0 ? "linux/amd64" : "linux/arm64")),
      ...said.map(({ attestation, digest }) => ({
        ...forPlatform(attestation, "unknown/unknown"),
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": digest,
        },
      })),
    ];
    const attestations = said.map(({ attestation }) => attestation);
    await upstream.push("library/app", "v1", oci.index({ manifests }), ...images, ...attestations);
    const came = async (platforms: string[], referrers: boolean) => {
      const fill = fillOverRegistry(upstream.url);
      await warmImage(fill, app, v1, { platforms, referrers }, unseen, never);
      return [...fill.blobs].sort();
    };
    const [amd64, arm64] = images as [never, never];
    const [ofAmd64] = attestations as [never];
    assert.deepEqual(await came([], false), blobsOf(amd64, arm64));
    assert.deepEqual(await came([], true), blobsOf(...images, ...attestations));
    assert.deepEqual(await came(["linux/amd64"], true), blobsOf(amd64, ofAmd64));
  },
);

test("children that name no platform, and indexes in indexes, come too", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  const { index: inner, children } = multiPlatform("linux/amd64", "linux/arm64");
  const plain = oci.image();
  const index = oci.index({ manifests: [inner.descriptor, plain.descriptor] });
  await upstream.push("library/app", "v1", index, ...children, inner, plain);
  const fill = fillOverRegistry(upstream.url);
  await warmImage(fill, app, v1, { platforms: ["linux/arm64"], referrers: false }, unseen, never);
  assert.deepEqual([...fill.blobs].sort(), blobsOf(...children.slice(1), plain));
});

test("an architecture without a variant means its usual one", () => {
  const rows: [wanted: string, has: string, match: boolean][] = [
    ["linux/arm64", "linux/arm64/v8", true],
    ["linux/arm64/v8", "linux/arm64", true],
    ["linux/arm64", "linux/arm64/v9", false],
    ["linux/arm", "linux/arm/v7", true],
    ["linux/arm/v6", "linux/arm/v7", false],
    ["linux/arm/v6", "linux/arm", false],
    ["linux/amd64", "linux/amd64/v1", true],
    ["linux/amd64", "linux/amd64/v3", false],
    ["linux/x86_64", "linux/amd64", true],
    ["linux/riscv64", "linux/riscv64/rva23u64", true],
    ["linux/amd64", "windows/amd64", false],
  ];
  for (const [wanted, has, match] of rows) {
    const platforms = [parsePlatform(wanted), parsePlatform(has)] as [Platform, Platform];
    assert.equal(matchesPlatform(...platforms), match, `${wanted} ${has}`);
  }
  for (const text of ["linux", "linux/", "Linux/amd64", "linux/amd64/v1/x", ""])
    assert.equal(parsePlatform(text), undefined);
});
