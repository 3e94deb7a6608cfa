import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";

/**
 * Digests that are none: 400 DIGEST_INVALID wherever one is asked for, and nothing is stored.
 */
describe("bad digests", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function refusedEverywhere(digest: string): Promise<void> {
    const encoded = encodeURIComponent(digest);
    const body = freshBytes();
    const invalid = (response: Parameters<typeof expectError>[0]) =>
      expectError(response, 400, "DIGEST_INVALID");
    for (const written of new Set([encoded, encoded.replaceAll("%3A", ":")])) {
      const blob = `/v2/app/blobs/${written}`;
      invalid(await client.get(blob));
      invalid(await client.head(blob));
      invalid(await client.remove(blob));
      const manifest = `/v2/app/manifests/${written}`;
      invalid(await client.get(manifest));
      invalid(await client.head(manifest));
      invalid(await client.remove(manifest));
      const image = oci.image();
      invalid(await client.putManifest("app", written, image.bytes, image.mediaType));
      invalid(await client.get(`/v2/app/referrers/${written}`));
      invalid(await client.request("POST", `/v2/app/blobs/uploads/?digest=${written}`, { body }));
      const session = await client.startUpload("app");
      invalid(await client.request("PUT", withQuery(session, `digest=${written}`), { body }));
    }
    expectError(await client.get(`/v2/app/blobs/${digestOf(body)}`), 404, "BLOB_UNKNOWN");
  }

  test("unknown algorithm", async () => {
    for (const digest of [
      "md5:d41d8cd98f00b204e9800998ecf8427e",
      `sha1:${"a".repeat(40)}`,
      `sha384:${"a".repeat(96)}`,
      `blake3:${"a".repeat(64)}`,
      `sha256+b64:${"a".repeat(64)}`,
      `SHA256:${"a".repeat(64)}`,
      `constructor:${"a".repeat(64)}`,
      `__proto__:${"a".repeat(64)}`,
      `:${"a".repeat(64)}`,
    ]) {
      await refusedEverywhere(digest);
    }
  });

  test("wrong length", async () => {
    for (const [algorithm, length] of [
      ["sha256", 63],
      ["sha256", 65],
      ["sha256", 128],
      ["sha512", 64],
      ["sha512", 129],
      ["sha256", 6000],
    ] as const) {
      await refusedEverywhere(`${algorithm}:${"a".repeat(length)}`);
    }
  });

  test("upper-case hex", async () => {
    await refusedEverywhere(`sha256:${"A".repeat(64)}`);
    await refusedEverywhere(`sha256:${"a".repeat(63)}F`);
    await refusedEverywhere(`sha512:${"ABCDEF01".repeat(16)}`);
  });

  test("characters that are no hex", async () => {
    for (const last of ["g", " ", "\n", "\0", "é", "."])
      await refusedEverywhere(`sha256:${"a".repeat(63)}${last}`);
  });

  test("slashes in a digest: no digest, or no such path", async () => {
    for (const digest of [
      `sha256:../../${"a".repeat(58)}`,
      `sha256:${"a".repeat(63)}/`,
      "sha256:/etc/passwd",
    ]) {
      for (const written of [digest, encodeURIComponent(digest)]) {
        for (const path of [`/v2/app/blobs/${written}`, `/v2/app/manifests/${written}`]) {
          const answer = await client.get(path);
          expectStatus(answer, 400, 404);
          expectError(answer, answer.status);
        }
        const session = await client.startUpload("app");
        expectError(
          await client.request("PUT", withQuery(session, `digest=${written}`)),
          400,
          "DIGEST_INVALID",
        );
      }
    }
  });

  test("`sha256:` and nothing behind it", async () => {
    await refusedEverywhere("sha256:");
    await refusedEverywhere("sha512:");
    await refusedEverywhere(":");
  });

  test("`sha256:baddigeststring`", async () => {
    await refusedEverywhere("sha256:baddigeststring");
  });

  test("a blob's digest without a colon, or none at all", async () => {
    for (const bad of ["baddigest", "sha256", "a".repeat(64)]) {
      expectError(await client.get(`/v2/app/blobs/${bad}`), 400, "DIGEST_INVALID");
      const session = await client.startUpload("app");
      expectError(await client.request("PUT", withQuery(session, `digest=${bad}`)), 400, "DIGEST_INVALID");
    }
    for (const query of ["digest=", "digest", ""]) {
      const session = await client.startUpload("app");
      const path = query === "" ? session : withQuery(session, query);
      expectError(await client.request("PUT", path, { body: "x" }), 400, "DIGEST_INVALID");
    }
  });

  test("two `digest=` parameters, equal or not, on PUT and on the single POST", async () => {
    const body = freshBytes();
    const right = `digest=${digestOf(body)}`;
    for (const second of [
      right,
      `digest=${digestOf(freshBytes())}`,
      "digest=",
      `digest=${digestOf(body, "sha512")}`,
    ]) {
      for (const query of [`${right}&${second}`, `${second}&${right}`]) {
        const session = await client.startUpload("app");
        const put = await client.request("PUT", withQuery(session, query), { body });
        expectError(put, 400, "DIGEST_INVALID");
        const post = await client.request("POST", `/v2/app/blobs/uploads/?${query}`, { body });
        expectError(post, 400, "DIGEST_INVALID");
      }
    }
    expectError(await client.get(`/v2/app/blobs/${digestOf(body)}`), 404, "BLOB_UNKNOWN");
  });

  test("a mount of a malformed digest", async () => {
    for (const digest of ["sha256:baddigeststring", "md5:d41d8cd98f00b204e9800998ecf8427e", "x"]) {
      const path = `/v2/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=other`;
      expectError(await client.request("POST", path), 400, "DIGEST_INVALID");
    }
  });

  test("a percent-encoded colon is a colon", async () => {
    const body = freshBytes();
    const encoded = encodeURIComponent(await client.pushBlob(body, { repo: "app" }));
    expectStatus(await client.get(`/v2/app/blobs/${encoded}`), 200);
    const other = freshBytes();
    const path = `/v2/app/blobs/uploads/?digest=${encodeURIComponent(digestOf(other))}`;
    expectStatus(await client.request("POST", path, { body: other }), 201);
  });
});
