import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, oci, registryClient, unknownDigest } from "../harness/registry-client.ts";

for (const where of ["a repository that exists", "a repository that doesn't"]) {
  for (const [what, path, code] of [
    ["manifest by digest", `manifests/${unknownDigest()}`, "MANIFEST_UNKNOWN"],
    ["manifest by sha512 digest", `manifests/${unknownDigest("sha512")}`, "MANIFEST_UNKNOWN"],
    ["manifest by tag", "manifests/missing", "MANIFEST_UNKNOWN"],
    ["blob", `blobs/${unknownDigest()}`, "BLOB_UNKNOWN"],
    ["sha512 blob", `blobs/${unknownDigest("sha512")}`, "BLOB_UNKNOWN"],
  ] as const) {
    test(`a missing ${what} in ${where} is 404`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      if (where === "a repository that exists") await client.push("app/web", oci.image(), "latest");
      expectError(await client.get(`/v2/app/web/${path}`), 404, code);
      expectError(await client.head(`/v2/app/web/${path}`), 404, code);
      expectError(await client.remove(`/v2/app/web/${path}`), 404, code);
    });
  }
}

test("a reference that could be neither tag nor digest is a manifest that isn't there", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  for (const reference of [".hidden", "-x", "a".repeat(129), "caf%C3%A9"]) {
    expectError(await client.get(`/v2/app/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    expectError(await client.head(`/v2/app/manifests/${reference}`), 404);
  }
});

test("a malformed digest is DIGEST_INVALID for blobs and manifests", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  expectError(await client.get("/v2/app/manifests/sha256:baddigeststring"), 400, "DIGEST_INVALID");
  expectError(await client.head("/v2/app/manifests/sha256:baddigeststring"), 400);
  expectError(await client.get("/v2/app/blobs/sha256:baddigeststring"), 400, "DIGEST_INVALID");
  expectError(await client.get("/v2/app/blobs/latest"), 400, "DIGEST_INVALID");
});
