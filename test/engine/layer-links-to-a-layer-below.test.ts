import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { file, hardLink, symlink } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

engineTest(
  "a hard link to a file of a layer below gets that file's content, owner and mode",
  async (context) => {
    const host = await overlayHost(context);
    const lowest = await host.layer([
      file("usr/bin/tool", "old", { mode: 0o755 }),
      file("gone", "gone"),
      symlink("bin", "usr/bin"),
    ]);
    const middle = await host.layer([
      file("usr/bin/tool", "new", { mode: 0o4711, uid: 12, gid: 13 }),
      file(".wh.gone"),
    ]);
    const below = [lowest.id, middle.id];
    const top = await host.layer([hardLink("one", "usr/bin/tool"), hardLink("two/deep", "bin/tool")], below);
    const one = join(host.layerFolder(top.id), "one");
    assert.equal(await readFile(one, "utf8"), "new");
    const { mode, uid, gid } = await stat(one);
    assert.deepEqual([mode & 0o7777, uid, gid], [0o4711, 12, 13]);
    assert.equal(await readFile(join(host.layerFolder(top.id), "two/deep"), "utf8"), "new");
    await assert.rejects(host.layer([hardLink("x", "gone")], below), { code: "layer-invalid" });
    assert.equal((await host.layerNames()).length, 3);
  },
);
