import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  oci,
  registryClient,
  unknownDigest,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** Tags and upload ids that are none. */
describe("bad references and upload ids", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  let image: ManifestContent;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
    image = oci.image();
    await client.push("app", image, "latest");
  });
  after(() => berth[Symbol.asyncDispose]());

  const send = (method: string, target: string) =>
    client.raw(
      `${method} ${target} HTTP/1.1\r\nHost: registry\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );

  const tags = async () =>
    (JSON.parse((await client.get("/v2/app/tags/list")).body.toString()) as { tags: string[] }).tags;

  /** Reading an impossible tag is not finding it; writing one is an invalid manifest request. */
  async function noTag(encoded: string): Promise<void> {
    const path = `/v2/app/manifests/${encoded}`;
    expectError(await client.get(path), 404, "MANIFEST_UNKNOWN");
    expectError(await client.head(path), 404);
    expectError(
      await client.putManifest("app", encoded, image.bytes, image.mediaType),
      400,
      "MANIFEST_INVALID",
    );
    expectStatus(await client.remove(path), 400, 404);
    assert.deepEqual(await tags(), ["latest"]);
  }

  test("`latest/../x` as a tag", async () => {
    await noTag("latest%2f..%2fx");
    await noTag("..%2flatest");
    await noTag("..");
    await noTag("%2e%2e");
  });

  test("`latest/../x` unencoded finds no route", async () => {
    expectError(await send("GET", "/v2/app/manifests/latest/../x"), 404);
    expectError(await send("GET", "/v2/app/manifests/../manifests/latest"), 400, "NAME_INVALID");
  });

  test("tags with characters that no tag may have", async () => {
    for (const tag of [
      "-latest",
      ".latest",
      "la%20test",
      "la%00test",
      "lat%c3%a9st",
      "a+b",
      "a%2fb",
      "%0d%0aX",
    ]) {
      await noTag(tag);
    }
  });

  test("a tag of 129 characters, and one of 10,000", async () => {
    await noTag("a".repeat(129));
    await noTag("a".repeat(10_000));
  });

  test("a digest where a tag belongs: as `?tag=`", async () => {
    const other = oci.image();
    for (const blob of other.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
    const options = { tags: [unknownDigest()] };
    const answer = await client.putManifest("app", other.digest, other.bytes, other.mediaType, options);
    expectError(answer, 400, "MANIFEST_INVALID");
    expectError(await client.get(`/v2/app/manifests/${other.digest}`), 404, "MANIFEST_UNKNOWN");
    assert.deepEqual(await tags(), ["latest"]);
  });

  test("a digest where a tag belongs: a push by digest makes no tag", async () => {
    await client.push("by-digest", oci.image());
    const list = JSON.parse((await client.get("/v2/by-digest/tags/list")).body.toString()) as {
      tags: string[];
    };
    assert.deepEqual(list.tags, []);
  });

  test("a digest where a tag belongs: the digest of something else", async () => {
    const answer = await client.putManifest("app", unknownDigest(), image.bytes, image.mediaType);
    expectError(answer, 400, "DIGEST_INVALID");
  });

  test("an upload id with a path in it", async () => {
    const session = await client.startUpload("app");
    const id = new URL(session, berth.url).pathname.split("/").pop() ?? "";
    const ids = [
      "..%2f..%2fetc%2fpasswd",
      `..%2f${id}`,
      `${id}%2f..%2f${id}`,
      `.%2f${id}`,
      `${id}%00`,
      `${id}%20`,
      `%2fetc%2fpasswd`,
      "..",
      "%2e%2e",
    ];
    for (const bad of ids) {
      const path = `/v2/app/blobs/uploads/${bad}`;
      for (const method of ["GET", "PATCH", "DELETE"]) {
        expectError(await send(method, path), 404, "BLOB_UPLOAD_UNKNOWN");
      }
      expectError(await send("PUT", `${path}?digest=${unknownDigest()}`), 404, "BLOB_UPLOAD_UNKNOWN");
    }
    for (const path of [`/v2/app/blobs/uploads/${id}/../${id}`, `/v2/app/blobs/uploads/${id}/`]) {
      expectError(await send("GET", path), 404);
    }
    expectStatus(await client.get(session), 204);
  });

  test("an upload id that is malformed or unknown", async () => {
    for (const bad of [
      "x",
      "0",
      "not-a-uuid",
      "00000000-0000-4000-8000-000000000000",
      "a".repeat(5000),
      "%27%20OR%201=1",
    ]) {
      const path = `/v2/app/blobs/uploads/${bad}`;
      for (const method of ["GET", "PATCH", "DELETE"]) {
        expectError(await send(method, path), 404, "BLOB_UPLOAD_UNKNOWN");
      }
      expectError(await send("PUT", `${path}?digest=${unknownDigest()}`), 404, "BLOB_UPLOAD_UNKNOWN");
    }
  });
});
