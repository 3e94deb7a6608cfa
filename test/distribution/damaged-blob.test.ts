import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import test from "node:test";
import type { DiskStorageConfig } from "#config/config.ts";
import { startBerth } from "../harness/berth.ts";
import {
  BrokenOff,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";
import type { RegistryClient } from "../harness/registry-client.ts";
import { blobFile } from "./blob-files.ts";

/** Not 200 with a whole body: an OCI error of class 500, or an answer that breaks off. */
async function neverWhole(client: RegistryClient, path: string, range?: string): Promise<void> {
  const headers = range === undefined ? {} : { range };
  const response = await client.get(path, headers).catch((error: unknown) => {
    if (error instanceof BrokenOff) return undefined;
    throw error;
  });
  if (response === undefined) return;
  assert.ok(response.status >= 500, `answered ${response.status} with ${response.body.length} bytes`);
  expectError(response, response.status);
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
  // Root may read anything, so what can't be read is a folder where the file was.
  unreadable: async (file) => {
    await rm(file);
    await mkdir(file);
  },
};

for (const [sized, size] of sizes) {
  for (const [damage, inflict] of Object.entries(damages)) {
    test(`a ${sized} blob that is ${damage} on disk is never served as whole`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const digest = await client.pushBlob(freshBytes(size), { repo: "app" });
      const path = `/v2/app/blobs/${digest}`;
      await inflict(await blobFile(berth.data, digest), size);
      await neverWhole(client, path);
      await neverWhole(client, path, `bytes=${size - 10}-`);
      const head = await client.head(path);
      assert.notEqual(head.status, 200);
      assert.equal(head.body.length, 0);
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

  test(`flipped bytes of a ${sized} blob are found at read time with storage.disk.verify_reads: true`, async () => {
    await using berth = await startBerth({ storage: { disk: { verify_reads: true } as DiskStorageConfig } });
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
