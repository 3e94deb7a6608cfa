import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  freshBytes,
  digestOf,
  oci,
  registryClient,
  unknownDigest,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** Descriptors that are none: 400 MANIFEST_INVALID, also where anything may be missing. */
describe("bad descriptors in manifests", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth({ policy: { missing_references: [{ repositories: "**", allow: "any" }] } });
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function refused(content: ManifestContent): Promise<void> {
    const answer = await client.putManifest("app", content.digest, content.bytes, content.mediaType);
    expectError(answer, 400, "MANIFEST_INVALID");
    expectError(await client.get(`/v2/app/manifests/${content.digest}`), 404, "MANIFEST_UNKNOWN");
  }

  async function accepted(content: ManifestContent): Promise<void> {
    expectStatus(await client.putManifest("app", content.digest, content.bytes, content.mediaType), 201);
  }

  /** The descriptor in every place that a manifest has for one. */
  const everywhere = (descriptor: Record<string, unknown>): ManifestContent[] => [
    oci.image({ extra: { config: descriptor } }),
    oci.image({ extra: { layers: [descriptor] } }),
    oci.image({ extra: { subject: descriptor } }),
    oci.image({ docker: true, extra: { layers: [descriptor] } }),
    oci.index({ extra: { manifests: [descriptor] } }),
    oci.index({ extra: { subject: descriptor } }),
    oci.index({ docker: true, extra: { manifests: [descriptor] } }),
  ];

  async function refusedEverywhere(change: Record<string, unknown>): Promise<void> {
    const good = { mediaType: layerType, digest: unknownDigest(), size: 10 };
    for (const content of everywhere({ ...good, ...change })) await refused(content);
  }

  /** JSON numbers that JSON.stringify wouldn't write. */
  async function refusedSize(written: string): Promise<void> {
    for (const content of everywhere({ mediaType: layerType, digest: unknownDigest(), size: 123454321 })) {
      const bytes = Buffer.from(content.bytes.toString().replace("123454321", written));
      await refused({ ...content, bytes, digest: digestOf(bytes) });
    }
  }

  test("a good descriptor is accepted in each of the places", async () => {
    for (const content of everywhere({ mediaType: layerType, digest: unknownDigest(), size: 10 })) {
      await accepted(content);
    }
  });

  test("negative size", async () => {
    for (const size of [-1, -1000, Number.MIN_SAFE_INTEGER]) await refusedEverywhere({ size });
    await refusedSize("-1e300");
  });

  test("huge size", async () => {
    for (const size of [2 ** 53, 1e300]) await refusedEverywhere({ size });
    for (const written of ["9223372036854775808", "1e400", "9".repeat(400)]) await refusedSize(written);
  });

  test("fractional size", async () => {
    for (const size of [0.5, 10.000001, 1e-10]) await refusedEverywhere({ size });
  });

  test("a size that is no number, or none", async () => {
    for (const size of ["10", null, true, [10], {}, undefined]) await refusedEverywhere({ size });
  });

  test("a size of zero is fine", async () => {
    await accepted(oci.image({ layers: [new Uint8Array()] }));
  });

  test("a digest that is none", async () => {
    const bad = [
      "",
      "sha256:",
      "sha256:baddigeststring",
      `sha256:${"A".repeat(64)}`,
      `md5:${"a".repeat(32)}`,
      "../x",
    ];
    for (const digest of [...bad, `sha256:${"a".repeat(63)}`, null, 1, [], {}, undefined]) {
      await refusedEverywhere({ digest });
    }
  });

  test("a media type that is none", async () => {
    for (const mediaType of [null, 1, {}, undefined]) await refusedEverywhere({ mediaType });
  });

  test("`data` that doesn't match its digest", async () => {
    const bytes = freshBytes(30);
    const good = { mediaType: layerType, digest: digestOf(bytes), size: 30 };
    for (const content of everywhere({ ...good, data: bytes.toString("base64") })) await accepted(content);
    await refusedEverywhere({ ...good, data: freshBytes(30).toString("base64") });
    await refusedEverywhere({
      ...good,
      digest: digestOf(freshBytes(30), "sha512"),
      data: bytes.toString("base64"),
    });
  });

  test("`data` that doesn't match its size", async () => {
    const bytes = freshBytes(30);
    for (const size of [0, 29, 31]) {
      await refusedEverywhere({ digest: digestOf(bytes), size, data: bytes.toString("base64") });
    }
  });

  test("`data` that is no base64", async () => {
    const bytes = Buffer.from([0xfb, 0xff, 0xfe, 0x01]);
    const good = { digest: digestOf(bytes), size: 4 };
    for (const data of [
      "!!!!",
      "+//+AQ=",
      "+//+AQ",
      "-__-AQ==",
      "+//+\nAQ==",
      "+//+AQ==x",
      1,
      null,
      {},
      [],
    ]) {
      await refusedEverywhere({ ...good, data });
    }
  });

  test("nothing in an error tells the server's inside", async () => {
    const image = oci.image({ extra: { layers: [{ mediaType: layerType, digest: "x", size: 1 }] } });
    const answer = await client.putManifest("app", "latest", image.bytes, image.mediaType);
    expectError(answer, 400, "MANIFEST_INVALID");
    assert.doesNotMatch(answer.body.toString(), /\bat .*:\d+|undefined|\[object/);
  });
});
