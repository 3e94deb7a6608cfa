import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file, folder, symlink as link } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { gathered, namesIn, overlayHost, pieces } from "./harness/overlay.ts";

const base = [
  folder("etc"),
  file("etc/passwd", "root"),
  file("etc/untouched", "x"),
  file("dir/a", "a"),
  file("dir/b", "b"),
  file("replaced/old", "old"),
  file("deep/x/y/z", "z"),
  file("same/file", "s"),
  link("usr", "/etc"),
];

engineTest("changes are what docker diff shows", async (context) => {
  const host = await overlayHost(context);
  const lower = await host.layer(base);
  const root = await host.container("c1", [lower.id]);
  assert.deepEqual(await host.snapshots.changes("c1"), []);
  await writeFile(join(root, "etc/passwd"), "changed");
  await writeFile(join(root, "etc/new"), "new");
  await rm(join(root, "dir/a"));
  await rm(join(root, "replaced"), { recursive: true });
  await mkdir(join(root, "replaced"));
  await writeFile(join(root, "replaced/fresh"), "fresh");
  await mkdir(join(root, "added/inner"), { recursive: true });
  await writeFile(join(root, "added/inner/file"), "f");
  await writeFile(join(root, "deep/x/y/z"), "zz");
  await chmod(join(root, "same/file"), 0o600);
  await rm(join(root, "usr"));
  await mkdir(join(root, "usr"));
  await writeFile(join(root, "usr/passwd"), "not the link's");
  const changes = (await host.snapshots.changes("c1")).map(({ kind, path }) => `${kind.charAt(0)} ${path}`);
  assert.deepEqual(changes, [
    "a /added",
    "a /added/inner",
    "a /added/inner/file",
    "c /deep",
    "c /deep/x",
    "c /deep/x/y",
    "c /deep/x/y/z",
    "c /dir",
    "r /dir/a",
    "c /etc",
    "a /etc/new",
    "c /etc/passwd",
    "c /replaced",
    "a /replaced/fresh",
    "r /replaced/old",
    "c /same",
    "c /same/file",
    "c /usr",
    "a /usr/passwd",
  ]);
});

engineTest("mountpoints of the engine's own files are no change", async (context) => {
  const host = await overlayHost(context);
  const lower = await host.layer([folder("etc"), file("etc/.wh.hosts"), file("etc/.wh.resolv.conf")]);
  const root = await host.container("c1", [lower.id]);
  await writeFile(join(root, "etc/hosts"), "");
  await writeFile(join(root, "etc/resolv.conf"), "");
  const diff = await gathered(await host.snapshots.diff("c1"));
  assert.ok(!(await namesIn(diff)).some((name) => name.includes("hosts") || name.includes("resolv")));
  assert.ok(!(await host.snapshots.changes("c1")).some(({ path }) => path.startsWith("/etc/")));
});

engineTest("a diff unpacked as a layer makes the same root again", async (context) => {
  const host = await overlayHost(context);
  const lower = await host.layer(base);
  const root = await host.container("c1", [lower.id]);
  await rm(join(root, "dir/a"));
  await rm(join(root, "replaced"), { recursive: true });
  await mkdir(join(root, "replaced"));
  await writeFile(join(root, "replaced/fresh"), "fresh", { mode: 0o640 });
  await rename(join(root, "etc/passwd"), join(root, `etc/${"long".repeat(40)}`));
  await symlink(`/${"far/".repeat(40)}`, join(root, "etc/link"));
  await writeFile(join(root, "etc/big"), "x".repeat(700_000));
  const tar = await gathered(await host.snapshots.diff("c1"));
  const names = await namesIn(tar);
  assert.ok(names.includes("dir/.wh.a") && names.includes("replaced/.wh..wh..opq"), names.join(" "));
  const layer = await host.snapshots.unpack(undefined, [lower.id], pieces(tar), "none");
  const again = await host.container("c2", [lower.id, layer.id]);
  assert.deepEqual(
    (await gathered(await host.snapshots.exportRoot("c2"))).equals(
      await gathered(await host.snapshots.exportRoot("c1")),
    ),
    true,
  );
  assert.equal(await readFile(join(again, "replaced/fresh"), "utf8"), "fresh");
});

engineTest("usage counts the writable part, and everything with its layers", async (context) => {
  const host = await overlayHost(context);
  const lower = await host.layer([file("a", "x".repeat(1000))]);
  const root = await host.container("c1", [lower.id]);
  assert.deepEqual(await host.snapshots.usage("c1"), { writable: 0, root: 1000 });
  await writeFile(join(root, "b"), "y".repeat(234));
  assert.deepEqual(await host.snapshots.usage("c1"), { writable: 234, root: 1234 });
});

engineTest("whoever stops reading a diff or an export leaves nothing running or mounted", async (context) => {
  const host = await overlayHost(context);
  const lower = await host.layer([file("a", "x".repeat(5_000_000))]);
  const root = await host.container("c1", [lower.id]);
  await host.snapshots.unmount("c1");
  for await (const chunk of await host.snapshots.exportRoot("c1")) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.ok(!(await readFile("/proc/self/mountinfo", "utf8")).includes(root));
});
