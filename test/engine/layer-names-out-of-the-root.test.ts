import assert from "node:assert/strict";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file, folder, hardLink, symlink, type TarPart } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

const refused: [string, TarPart[]][] = [
  ["../", [file("../out", "x")]],
  ["../ after a folder", [folder("a"), file("a/../../out", "x")]],
  ["/../", [file("/../out", "x")]],
  ["a hard link to ../", [hardLink("in", "../out")]],
  ["a hard link with .. inside", [folder("a"), hardLink("a/in", "a/../../out")]],
  ["a whiteout of ..", [folder("a"), file("a/.wh...")]],
  ["a whiteout of nothing", [file(".wh.")]],
  ["a NUL in a name", [file("x", "", { pax: { path: "a\0b" } })]],
  ["a name too long for a file", [file("x", "", { pax: { path: "n".repeat(256) } })]],
  ["a root that is a link", [symlink(".", "/etc")]],
  ["a hard link to a folder", [folder("a"), hardLink("b", "a")]],
  ["a hard link to nothing", [hardLink("a", "nothing")]],
];

engineTest("a layer whose names lead out of its root is refused and leaves nothing", async (context) => {
  const host = await overlayHost(context);
  for (const [what, parts] of refused) {
    await assert.rejects(host.layer(parts), { code: "layer-invalid" }, what);
    assert.deepEqual(await host.layerNames(), [], what);
  }
  assert.deepEqual((await readdir(host.folder)).sort(), ["containers", "layers"]);
});

engineTest("what is written through a layer's links stays in the layer", async (context) => {
  const host = await overlayHost(context);
  const outside = join(host.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "secret", { mode: 0o600 });
  const before = await stat(join(outside, "secret"));
  const up = `${"../".repeat(20)}${outside.slice(1)}`;
  const record = await host.layer([
    folder(outside.slice(1)),
    symlink("far", outside),
    symlink("up", up),
    symlink("self", `${outside}/secret`),
    file("far/written", "1"),
    file("up/written-too", "2"),
    file("self", "3", { mode: 0o777, uid: 7 }),
    file("far/secret", "4"),
    hardLink("linked", "far/secret"),
    folder("up/", { mode: 0o700 }),
  ]);
  assert.deepEqual(await readdir(outside), ["secret"]);
  assert.equal(await readFile(join(outside, "secret"), "utf8"), "secret");
  const after = await stat(join(outside, "secret"));
  assert.deepEqual([after.mode, after.uid, after.nlink, after.ctimeMs], [before.mode, 0, 1, before.ctimeMs]);
  const inside = join(host.layerFolder(record.id), outside);
  assert.deepEqual((await readdir(inside)).sort(), ["secret", "written", "written-too"]);
  assert.equal(await readFile(join(host.layerFolder(record.id), "linked"), "utf8"), "4");
});

engineTest("a hard link through a link reaches no file of the host", async (context) => {
  const host = await overlayHost(context);
  await writeFile(join(host.folder, "secret"), "secret");
  for (const target of [host.folder, `${"../".repeat(20)}${host.folder.slice(1)}`]) {
    const parts = [symlink("way", target), hardLink("mine", "way/secret")];
    await assert.rejects(host.layer(parts), { code: "layer-invalid" });
    const base = await host.layer([file("some", "thing")]);
    await assert.rejects(host.layer(parts, [base.id]), { code: "layer-invalid" });
    const linkBelow = await host.layer([symlink("way", target)]);
    await assert.rejects(host.layer([hardLink("mine", "way/secret")], [linkBelow.id]), {
      code: "layer-invalid",
    });
  }
  assert.equal((await stat(join(host.folder, "secret"))).nlink, 1);
});
