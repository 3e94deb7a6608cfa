import assert from "node:assert/strict";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { file, folder, hardLink, symlink } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

engineTest("of a path that stands twice in a layer the last wins", async (context) => {
  const host = await overlayHost(context);
  const record = await host.layer([
    file("file", "first", { mode: 0o600 }),
    file("file", "second", { mode: 0o640 }),
    folder("folder"),
    file("folder/kept"),
    folder("folder", { mode: 0o700 }),
    folder("gone"),
    file("gone/inner/file"),
    file("gone", "a file now"),
    symlink("link", "file"),
    file("link", "a file too"),
    file("was-file", "x"),
    folder("was-file"),
    symlink("was-link", "folder"),
    folder("was-link"),
    file("was-link/new"),
    file("target", "t"),
    file("hard", "h"),
    hardLink("hard", "target"),
    hardLink("hard", "target"),
    hardLink("target", "target"),
    file("moved", "m"),
    symlink("moved", "elsewhere"),
  ]);
  const at = (path: string) => join(host.layerFolder(record.id), path);
  assert.equal(await readFile(at("file"), "utf8"), "second");
  assert.equal((await lstat(at("file"))).mode & 0o777, 0o640);
  assert.deepEqual(await readdir(at("folder")), ["kept"]);
  assert.equal((await lstat(at("folder"))).mode & 0o777, 0o700);
  assert.equal(await readFile(at("gone"), "utf8"), "a file now");
  assert.equal(await readFile(at("link"), "utf8"), "a file too");
  assert.ok((await lstat(at("was-file"))).isDirectory());
  assert.deepEqual(await readdir(at("was-link")), ["new"]);
  assert.equal(await readFile(at("hard"), "utf8"), "t");
  assert.equal((await lstat(at("target"))).nlink, 2);
  assert.equal(await readlink(at("moved")), "elsewhere");
});
