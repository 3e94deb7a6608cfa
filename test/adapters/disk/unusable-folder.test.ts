import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { bodyOf, mountless, onTmpfs, rejects, temporaryFolder } from "./store-folder.ts";

test("a file in the place of the folder is refused with what to do", async (t) => {
  const path = join(await temporaryFolder(t), "file");
  await writeFile(path, "");
  for (const wrong of [path, join(path, "below")]) {
    const error = await rejects(createDiskStore({ path: wrong }), "storage-failed");
    assert.match(error.message, /a part of that path is a file.*storage\.disk\.path/);
    assert.ok(error.message.includes(wrong));
  }
});

test(
  "a read-only file system is refused at the start, and told when it comes later",
  { skip: mountless },
  (t) =>
    onTmpfs(t, "size=1m", async (folder) => {
      const store = await createDiskStore({ path: folder });
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const error = await rejects(createDiskStore({ path: folder }), "storage-failed");
      assert.match(error.message, /read-only/);
      await rejects(store.check(), "storage-failed");
      await rejects(store.append(store.begin(), 0, bodyOf(Buffer.from("x"))), "storage-failed");
    }),
);

test("uploads and blobs on different file systems are refused", { skip: mountless }, async (t) => {
  const path = await temporaryFolder(t);
  await createDiskStore({ path });
  const blobs = join(path, "blobs");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", blobs]);
  try {
    const error = await rejects(createDiskStore({ path }), "storage-failed");
    assert.match(error.message, /different file systems/);
  } finally {
    execFileSync("umount", [blobs]);
  }
});
