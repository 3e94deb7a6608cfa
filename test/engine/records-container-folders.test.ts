import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createContainerFolders } from "#adapters/container-folders/container-folders.ts";
import { freshFolder } from "./records-place.ts";

const id = "ab".repeat(32);
const other = "cd".repeat(32);

test("the files are there from make on, and are written in place", async (t) => {
  const folders = createContainerFolders(join(await freshFolder(t), "containers"));
  await folders.make(id);
  const files = folders.files(id);
  assert.deepEqual((await readdir(folders.path(id))).sort(), ["hostname", "hosts", "resolv.conf"]);
  const inode = (await stat(files.hosts)).ino;
  await folders.write(id, { hosts: "127.0.0.1\tlocalhost\n10.0.0.2\tlonger\n", hostname: "web\n" });
  await folders.write(id, { hosts: "127.0.0.1\tlocalhost\n" });
  assert.equal(await readFile(files.hosts, "utf8"), "127.0.0.1\tlocalhost\n");
  assert.equal(await readFile(files.hostname, "utf8"), "web\n");
  assert.equal(await readFile(files.resolvConf, "utf8"), "");
  const { ino, mode } = await stat(files.hosts);
  assert.deepEqual([ino, mode & 0o777], [inode, 0o644]);
});

test("a container's name is no path", async (t) => {
  const folders = createContainerFolders(await freshFolder(t));
  for (const bad of ["../x", "", "ab", `${id}/..`, id.toUpperCase()]) {
    assert.throws(() => folders.path(bad), /no container's id/);
  }
});

test("remove takes the folder away, links in it are not followed, unknown ones are fine", async (t) => {
  const place = await freshFolder(t);
  const folders = createContainerFolders(join(place, "containers"));
  await mkdir(join(place, "precious"));
  await writeFile(join(place, "precious", "file"), "");
  await folders.make(id);
  await symlink(join(place, "precious"), join(folders.path(id), "link"));
  await folders.remove(id);
  await folders.remove(id);
  assert.deepEqual(await readdir(join(place, "containers")), []);
  assert.deepEqual(await readdir(join(place, "precious")), ["file"]);
});

test("sweep leaves known containers and what isn't a container's", async (t) => {
  const place = await freshFolder(t);
  const folders = createContainerFolders(place);
  await folders.make(id);
  await folders.make(other);
  await mkdir(join(place, "lost+found"));
  await folders.sweep(new Set([other]));
  assert.deepEqual((await readdir(place)).sort(), [other, "lost+found"]);
});

test("nothing is removed through a mount", async (t) => {
  const place = await freshFolder(t);
  const [source, target] = [join(place, "the user's own"), join(place, id, "merged")];
  const folders = createContainerFolders(place);
  await folders.make(id);
  await mkdir(source);
  await mkdir(target);
  await writeFile(join(source, "file"), "");
  if (spawnSync("mount", ["--bind", source, target]).status !== 0)
    return t.skip("mounting isn't allowed here");
  try {
    await assert.rejects(folders.remove(id), /something is still mounted in/);
    await folders.sweep(new Set());
    assert.deepEqual(await readdir(source), ["file"]);
  } finally {
    spawnSync("umount", [target]);
  }
  await folders.remove(id);
  assert.deepEqual(await readdir(source), ["file"]);
});
