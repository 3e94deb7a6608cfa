import assert from "node:assert/strict";
import { appendFile, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  BrokenOff,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
} from "../harness/registry-client.ts";
import type { RegistryClient } from "../harness/registry-client.ts";
import { blobFile } from "./blob-files.ts";

/** An error of the server's, "not there" (clients then push it again), or an answer that breaks off. */
async function neverWhole(client: RegistryClient, path: string, range?: string): Promise<void> {
  const headers = range === undefined ? {} : { range };
  const response = await client.get(path, headers).catch((error: unknown) => {
    // A blob of one chunk may break off before its headers went out.
    if (error instanceof BrokenOff || (error as NodeJS.ErrnoException).code === "ECONNRESET")
      return undefined;
    throw error;
  });
  if (response === undefined) return;
  if (response.status === 404) expectError(response, 404, "BLOB_UNKNOWN");
  else {
    assert.ok(response.status >= 500, `answered ${response.status} with ${response.body.length} bytes`);
    expectError(response, response.status);
  }
}

const sizes: [string, number][] = [
  ["small", 100],
  ["large", 3 * 1024 * 1024],
];

const damages: Record<string, (file: string, size: number) => Promise<void>> = {
  missing: (file) => rm(file),
  short: (file, size) => truncate(file, size - 1),
  "cut to nothing": (file) => truncate(file, 0),
  long: (file) => appendFile(file, "x"),
  // Root may read anything, but not even root can follow a link to itself.
  unreadable: async (file) => {
    await rm(file);
    await symlink(file, file);
  },
};

for (const [sized, size] of sizes) {
  for (const [damage, inflict] of Object.entries(damages)) {
    test(`a ${sized} blob that is ${damage} on disk is never served as whole`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      // Each way of asking is the first to notice, of a blob of its own.
      for (const ask of ["whole", "range", "head"]) {
        const digest = await client.pushBlob(freshBytes(size), { repo: "app" });
        const path = `/v2/app/blobs/${digest}`;
        await inflict(await blobFile(berth.data, digest), size);
        if (ask === "head") assert.notEqual((await client.head(path)).status, 200);
        else await neverWhole(client, path, ask === "range" ? `bytes=${size - 10}-` : undefined);
        await neverWhole(client, path);
        assert.notEqual((await client.head(path)).status, 200);
      }
      // The server itself is well.
      expectStatus(await client.get("/v2/"), 200);
    });

    test(`a ${sized} blob that is ${damage} on disk is healed by pushing the same bytes again`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const bytes = freshBytes(size);
      const digest = await client.pushBlob(bytes, { repo: "app" });
      await client.request("POST", `/v2/other/blobs/uploads/?mount=${digest}&from=app`);
      await inflict(await blobFile(berth.data, digest), size);
      await client.pushBlob(bytes, { repo: "app" });
      for (const repo of ["app", "other"]) {
        const get = await client.get(`/v2/${repo}/blobs/${digest}`);
        expectStatus(get, 200);
        assert.ok(get.body.equals(bytes));
      }
    });
  }

  test(`flipped bytes of a ${sized} blob are found at read time with storage.verify_reads: true`, async () => {
    await using berth = await startBerth({ storage: { verify_reads: true } });
    const client = registryClient(berth.url);
    for (const algorithm of ["sha256", "sha512"] as const) {
      const bytes = freshBytes(size);
      const digest = await client.pushBlob(bytes, { repo: "app", algorithm });
      const path = `/v2/app/blobs/${digest}`;
      assert.ok((await client.get(path)).body.equals(bytes));
      const file = await blobFile(berth.data, digest);
      const stored = await readFile(file);
      stored[stored.length >> 1] = (stored[stored.length >> 1] ?? 0) ^ 1;
      await writeFile(file, stored);
      await neverWhole(client, path);
      await client.pushBlob(bytes, { repo: "app", algorithm });
      assert.ok((await client.get(path)).body.equals(bytes), "healed by pushing the same bytes again");
    }
  });
}

test("a blob that became damaged says nothing of where it was stored", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(), { repo: "app" });
  await rm(await blobFile(berth.data, digest));
  const response = await client.get(`/v2/app/blobs/${digest}`);
  assert.ok(!response.body.toString().includes(berth.data));
  assert.ok(!JSON.stringify(response.headers.comparable()).includes(berth.data));
});

test("what is known to be damaged can't be mounted or named by a new manifest until it is pushed again", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
  const [, layer] = image.blobs;
  assert.ok(layer);
  await rm(await blobFile(berth.data, layer.digest));
  assert.notEqual((await client.head(`/v2/app/blobs/${layer.digest}`)).status, 200);

  const mount = await client.request("POST", `/v2/other/blobs/uploads/?mount=${layer.digest}&from=app`);
  expectStatus(mount, 202);
  const refused = await client.putManifest("app", "latest", image.bytes, image.mediaType);
  expectError(refused, 404, "MANIFEST_BLOB_UNKNOWN");

  await client.pushBlob(layer.bytes, { repo: "app" });
  expectStatus(await client.putManifest("app", "latest", image.bytes, image.mediaType), 201);
  assert.ok((await client.get(`/v2/app/blobs/${layer.digest}`)).body.equals(layer.bytes));
});

test("the other blobs and the manifest of an image with a damaged layer are served as ever", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  const [config, layer] = image.blobs;
  assert.ok(config && layer);
  await rm(await blobFile(berth.data, layer.digest));
  await neverWhole(client, `/v2/app/blobs/${layer.digest}`);
  assert.ok((await client.get("/v2/app/manifests/latest")).body.equals(image.bytes));
  assert.ok((await client.get(`/v2/app/blobs/${config.digest}`)).body.equals(config.bytes));
});
