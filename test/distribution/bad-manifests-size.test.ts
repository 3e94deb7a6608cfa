import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ociManifest } from "#oci/media-type.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  oci,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";

const limit = 4 * 1024 * 1024;

/** A manifest may be 4 MiB and no byte more. */
describe("manifests over 4 MiB", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** A valid index of exactly `size` bytes. */
  function indexOf(size: number) {
    const { mediaType, bytes } = oci.index({ annotations: { pad: "" } });
    const text = bytes.toString();
    return {
      mediaType,
      bytes: Buffer.from(text.replace('"pad": ""', `"pad": "${"x".repeat(size - text.length)}"`)),
    };
  }

  async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 100_000) {
      yield bytes.subarray(at, at + 100_000);
      await new Promise(setImmediate);
    }
  }

  test("exactly 4 MiB is stored and served verbatim", async () => {
    const { bytes, mediaType } = indexOf(limit);
    assert.equal(bytes.length, limit);
    for (const body of [bytes, inPieces(bytes)]) {
      expectStatus(await client.putManifest("app", "largest", body, mediaType), 201);
      const pulled = await client.get("/v2/app/manifests/largest");
      assert.ok(pulled.body.equals(bytes));
    }
  });

  test("one byte over 4 MiB is 413", async () => {
    const { bytes, mediaType } = indexOf(limit + 1);
    for (const reference of ["larger", digestOf(bytes)]) {
      const answer = await client.putManifest("app", reference, bytes, mediaType);
      expectError(answer, 413, "SIZE_INVALID");
      expectError(await client.get(`/v2/app/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    }
  });

  test("over 4 MiB without a Content-Length is 413 as well", async () => {
    for (const size of [limit + 1, 2 * limit]) {
      const { bytes, mediaType } = indexOf(size);
      const answer = await client.putManifest("app", "larger", inPieces(bytes), mediaType);
      expectError(answer, 413, "SIZE_INVALID");
    }
    expectError(await client.get("/v2/app/manifests/larger"), 404, "MANIFEST_UNKNOWN");
  });

  test("a Content-Length of a terabyte is refused before the body comes", async () => {
    const answer = await client.raw(
      `PUT /v2/app/manifests/larger HTTP/1.1\r\nHost: registry\r\nContent-Type: ${ociManifest}\r\n` +
        `Content-Length: 1099511627776\r\nConnection: close\r\n\r\n{`,
    );
    expectError(answer, 413, "SIZE_INVALID");
  });

  test("a smaller limits.manifest_size holds", async () => {
    await using small = await startBerth({ limits: { manifest_size: 2000 } });
    const other = registryClient(small.url);
    const fits = indexOf(2000);
    expectStatus(await other.putManifest("app", "a", fits.bytes, fits.mediaType), 201);
    const larger = indexOf(2001);
    expectError(await other.putManifest("app", "b", larger.bytes, larger.mediaType), 413, "SIZE_INVALID");
  });
});
