import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { file, folder } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

engineTest(
  "whiteouts and opaque folders hide what lies below, and nothing of their own layer",
  async (context) => {
    const host = await overlayHost(context);
    const base = await host.layer([
      ...["plain/a", "plain/b", "opaque/old", "again/old", "both/old", "late/old", "deep/x/old"].map((name) =>
        file(name, "base"),
      ),
      file("top", "base"),
    ]);
    const upper = await host.layer(
      [
        file("plain/.wh.a"),
        file(".wh.top"),
        folder("opaque"),
        file("opaque/new", "upper"),
        file("opaque/.wh..wh..opq"),
        file(".wh.again"),
        file("again/new", "upper"),
        folder("both"),
        file("both/new", "upper"),
        file(".wh.both"),
        file("late/.wh..wh..opq"),
        file("late/new", "upper"),
        file(".wh.deep"),
        file("deep/y/new", "upper"),
        file(".wh..wh.aufs"),
        file(".wh..wh.plnk/1.2", "aufs"),
      ],
      [base.id],
    );
    const root = await host.container("c1", [base.id, upper.id]);
    const names = async (path: string) => (await readdir(join(root, path))).sort();
    assert.deepEqual(await names("plain"), ["b"]);
    assert.deepEqual(await names("opaque"), ["new"]);
    assert.deepEqual(await names("again"), ["new"]);
    assert.deepEqual(await names("both"), ["new"]);
    assert.deepEqual(await names("late"), ["new"]);
    assert.deepEqual(await names("deep"), ["y"]);
    assert.equal(await readFile(join(root, "deep/y/new"), "utf8"), "upper");
    const own = new Set(["plain", "opaque", "again", "both", "late", "deep"]);
    const rest = (await names("")).filter((name) => !own.has(name));
    assert.deepEqual(rest, [".dockerenv", "dev", "etc", "proc", "sys"]);
  },
);
