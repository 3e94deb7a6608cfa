import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { file, folder, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { gathered, namesIn, overlayHost, pieces } from "./harness/overlay.ts";

const plain = { noOverwriteDirNonDir: true, keepOwner: true };

engineTest(
  "a path's facts are docker's: name, size, Go's mode, time and where a link leads",
  async (context) => {
    const host = await overlayHost(context);
    const root = await host.container("c1", []);
    await mkdir(join(root, "opt/sub"), { recursive: true });
    await writeFile(join(root, "opt/file"), "12345");
    await chmod(join(root, "opt/file"), 0o4751);
    await utimes(join(root, "opt/file"), 1_700_000_000.25, 1_700_000_000.25);
    await symlink("../opt/sub/../file", join(root, "opt/link"));
    await symlink("opt", join(root, "way"));
    const at = (path: string) => host.snapshots.statPath("c1", [], path);
    assert.deepEqual(await at("/opt/file"), {
      name: "file",
      size: 5,
      mode: 0o751 + 2 ** 23,
      mtime: "2023-11-14T22:13:20.25Z",
      linkTarget: "",
    });
    const link = await at("opt/link");
    assert.deepEqual([link.name, link.mode, link.linkTarget], ["link", 0o777 + 2 ** 27, "/opt/file"]);
    assert.equal((await at("way")).mode, 0o777 + 2 ** 27);
    assert.equal((await at("way/")).mode, 0o755 + 2 ** 31);
    assert.deepEqual([(await at("way/.")).name, (await at("way/.")).mode], [".", 0o755 + 2 ** 31]);
    assert.deepEqual([(await at("/")).name, (await at("/")).mode], ["/", 0o755 + 2 ** 31]);
    assert.equal((await at("../../opt/../opt/file")).size, 5);
    for (const path of ["/nothing", "/opt/file/", "/opt/file/x"])
      await assert.rejects(at(path), { code: "engine-missing", message: `Could not find the file ${path}` });
  },
);

engineTest("a path comes out as a tar whose first entry has its name", async (context) => {
  const host = await overlayHost(context);
  const root = await host.container("c1", []);
  await mkdir(join(root, "opt/sub"), { recursive: true });
  await writeFile(join(root, "opt/sub/file"), "x".repeat(600_000));
  await symlink("opt", join(root, "way"));
  const out = async (path: string) =>
    namesIn(await gathered((await host.snapshots.readPath("c1", [], path)).body));
  assert.deepEqual(await out("/opt"), ["opt/", "opt/sub/", "opt/sub/file"]);
  assert.deepEqual(await out("/opt/sub/file"), ["file"]);
  assert.deepEqual(await out("/way"), ["way"]);
  assert.deepEqual(await out("/way/"), ["way/", "way/sub/", "way/sub/file"]);
  assert.deepEqual(await out("/way/."), ["./", "./sub/", "./sub/file"]);
  const all = await out("/");
  assert.deepEqual([all[0], all.includes("/opt/sub/file")], ["/", true]);
  await assert.rejects(out("/nothing"), { code: "engine-missing" });
});

engineTest("a tar goes into a folder with the owner that was asked for", async (context) => {
  const host = await overlayHost(context);
  const root = await host.container("c1", []);
  await mkdir(join(root, "to/there"), { recursive: true, mode: 0o711 });
  const tar = tarOf([
    folder("./", { mode: 0o777 }),
    folder("d", { uid: 3 }),
    file("d/f", "hello", { uid: 5, gid: 6, mode: 0o4755 }),
  ]);
  const owners = [
    [{ ...plain }, 5, 6],
    [{ ...plain, keepOwner: false }, 0, 0],
    [{ ...plain, owner: { uid: 1000, gid: 1001 } }, 1000, 1001],
  ] as const;
  for (const [options, uid, gid] of owners) {
    for (const bytes of [tar, gzipSync(tar)])
      await host.snapshots.writePath("c1", [], "/to/there", pieces(bytes), options);
    const facts = await stat(join(root, "to/there/d/f"));
    assert.deepEqual([facts.uid, facts.gid, facts.mode & 0o7777], [uid, gid, 0o4755]);
  }
  assert.equal((await stat(join(root, "to/there"))).mode & 0o777, 0o711);
});

engineTest("what docker refuses is refused in its words", async (context) => {
  const host = await overlayHost(context);
  const root = await host.container("c1", []);
  await mkdir(join(root, "to/folder"), { recursive: true });
  await writeFile(join(root, "to/file"), "kept");
  await writeFile(join(root, "to/folder/kept"), "kept");
  const into = (path: string, parts: Parameters<typeof tarOf>[0], options = plain) =>
    host.snapshots.writePath("c1", [], path, pieces(tarOf(parts)), options);
  await assert.rejects(into("/nothing", []), {
    code: "engine-missing",
    message: "Could not find the file /nothing",
  });
  await assert.rejects(into("/to/file", []), {
    code: "engine-invalid",
    message: "extraction point is not a directory",
  });
  await assert.rejects(into("/to", [file("folder", "x")]), {
    code: "engine-invalid",
    message: 'cannot overwrite directory "/to/folder" with non-directory "/to"',
  });
  await assert.rejects(into("/to", [folder("file")]), {
    code: "engine-invalid",
    message: 'cannot overwrite non-directory "/to/file" with directory "/to"',
  });
  await assert.rejects(into("/to", [file("new")], { ...plain, readOnlyRoot: true } as typeof plain), {
    code: "engine-forbidden",
    message: "container rootfs is marked read-only",
  });
  for (const name of ["../out", "a/../../out"])
    await assert.rejects(into("/to", [file(name, "x")]), { code: "engine-invalid" }, name);
  assert.equal(await readFile(join(root, "to/file"), "utf8"), "kept");
  assert.equal(await readFile(join(root, "to/folder/kept"), "utf8"), "kept");
  await into("/to", [file("folder", "now a file")], { ...plain, noOverwriteDirNonDir: false });
  assert.ok((await lstat(join(root, "to/folder"))).isFile());
});
