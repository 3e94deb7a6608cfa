import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, filesBelow, mountless, onTmpfs, rejects } from "./store-folder.ts";

const KiB = 1024;

test(
  "a disk that fills up at any point of an upload is told, and the upload goes on later",
  { skip: mountless },
  (t) =>
    onTmpfs(t, "size=4m", async (folder) => {
      const store = await createDiskStore({ path: join(folder, "store") });
      const filler = join(folder, "filler");
      const bytes = randomBytes(2500 * KiB);
      const chunks = Array.from({ length: 50 }, (_, i) => bytes.subarray(i * 50 * KiB, (i + 1) * 50 * KiB));
      for (let free = 0; free < 2500; free += 250) {
        await writeFile(filler, Buffer.alloc((3900 - free) * KiB));
        const handle = store.begin();
        let stopped = false;
        async function* body() {
          try {
            yield* bodyOf(...chunks);
          } finally {
            stopped = true;
          }
        }
        const error = await rejects(store.append(handle, 0, body()), "storage-full");
        assert.ok(stopped);
        assert.ok(!error.message.includes(folder));
        const there = await store.uploaded(handle);
        assert.ok(there < bytes.length);
        await rm(filler);
        await store.append(handle, there, bodyOf(bytes.subarray(there)));
        const location = await store.commit(handle, digestOf("sha256", bytes), bytes.length);
        await using blob = await store.open(location);
        let at = 0;
        for await (const chunk of blob.read(0, bytes.length - 1)) {
          assert.ok(bytes.subarray(at, at + chunk.length).equals(chunk));
          at += chunk.length;
        }
        await blob.close();
        await store.delete(location);
      }
    }),
);

test("a put on a full disk leaves nothing behind", { skip: mountless }, (t) =>
  onTmpfs(t, "size=2m", async (folder) => {
    const path = join(folder, "store");
    const store = await createDiskStore({ path });
    const bytes = randomBytes(3000 * KiB);
    await rejects(store.put(digestOf("sha256", bytes), bytes), "storage-full");
    assert.deepEqual(await filesBelow(path), []);
    const small = bytes.subarray(0, 100 * KiB);
    await store.put(digestOf("sha256", small), small);
  }),
);

test("a disk without room for one more name is told", { skip: mountless }, (t) =>
  onTmpfs(t, "size=2m,nr_inodes=20", async (folder) => {
    const path = join(folder, "store");
    const store = await createDiskStore({ path });
    const bytes = randomBytes(10);
    const waiting = store.begin();
    await store.append(waiting, 0, bodyOf(bytes));
    for (let i = 0; i < 20; i++) await writeFile(join(folder, `filler-${i}`), "").catch(() => undefined);
    await rejects(store.append(store.begin(), 0, bodyOf(bytes)), "storage-full");
    await rejects(store.put(digestOf("sha256", bytes), bytes), "storage-full");
    await rejects(store.check(), "storage-full");
    // The upload that was there lacks a folder for its blob, and lives.
    await rejects(store.commit(waiting, digestOf("sha256", bytes), 10), "storage-full");
    assert.equal((await filesBelow(path)).length, 1);
    for (let i = 0; i < 20; i++) await rm(join(folder, `filler-${i}`), { force: true });
    await store.check();
    await store.commit(waiting, digestOf("sha256", bytes), 10);
  }),
);
