import assert from "node:assert/strict";
import { mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file, folder, hardLink, symlink } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, xattr } from "./harness/overlay.ts";

engineTest(
  "a new volume gets what the image has there: content, owners, modes, its own too",
  async (context) => {
    const host = await overlayHost(context);
    const layer = await host.layer(
      [
        folder("var/data", { mode: 0o2770, uid: 70, gid: 71 }),
        file("var/data/sub/file", "content", { mode: 0o4640, uid: 72, pax: { "SCHILY.xattr.user.a": "b" } }),
        hardLink("var/data/again", "var/data/sub/file"),
        symlink("var/data/out", "/etc/passwd"),
        file("var/data/.wh..wh.odd-name", "no whiteout here"),
        symlink("way", "/var/data"),
        folder("empty", { uid: 9, mode: 0o700 }),
        file("file", "x"),
        symlink("outside", host.folder),
      ].filter(({ name }) => !name.includes(".wh.")),
    );
    await host.snapshots.prepare("c1", [layer.id]);
    const target = async (name: string) => {
      const path = join(host.folder, name);
      await mkdir(path);
      return path;
    };
    for (const path of ["/var/data", "/way"]) {
      const volume = await target(`volume${path.replaceAll("/", "-")}`);
      assert.equal(await host.snapshots.copyOut("c1", path, volume), true);
      const own = await stat(volume);
      assert.deepEqual([own.mode & 0o7777, own.uid, own.gid], [0o2770, 70, 71]);
      const copied = await stat(join(volume, "sub/file"));
      assert.deepEqual([copied.mode & 0o7777, copied.uid, copied.nlink], [0o4640, 72, 2]);
      assert.equal(await readFile(join(volume, "again"), "utf8"), "content");
      assert.equal(await xattr(join(volume, "sub/file"), "user.a"), "b");
      assert.equal(await readlink(join(volume, "out")), "/etc/passwd");
    }
    const empty = await target("volume-empty");
    assert.equal(await host.snapshots.copyOut("c1", "/empty", empty), true);
    assert.equal((await stat(empty)).uid, 9);
    const none = await target("volume-none");
    for (const path of ["/nothing", "/file", "/outside"])
      assert.equal(await host.snapshots.copyOut("c1", path, none), false, path);
    assert.deepEqual(await readdir(none), []);
    await writeFile(join(none, "theirs"), "kept");
    assert.equal(await host.snapshots.copyOut("c1", "/var/data", none), false);
    assert.deepEqual(await readdir(none), ["theirs"]);
  },
);
