import assert from "node:assert/strict";
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "#oci/digest.ts";
import { file, folder, hardLink, symlink, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, pieces, xattr } from "./harness/overlay.ts";

const long = `${"deep/".repeat(30)}file`;
const big = "x".repeat(700_001);
const content = () =>
  tarOf([
    folder("./", { mode: 0o711 }),
    folder("etc/", { mode: 0o750, uid: 5, gid: 6, mtime: 1_600_000_000 }),
    file("etc/passwd", "root\n", { mtime: 1_500_000_000, pax: { mtime: "1500000000.123456789" } }),
    file("bin/su", big, { mode: 0o4755 }),
    file("huge-owner", "h", { uid: 4_000_000_000 }),
    file("marked", "m", {
      pax: { "SCHILY.xattr.user.note": "a\0b", "SCHILY.xattr.trusted.overlay.redirect": "/etc" },
    }),
    hardLink("bin/sudo", "bin/su"),
    symlink("bin/sh", "/bin/busybox"),
    { name: "null", type: "3", major: 1, minor: 3, mode: 0o666 },
    { name: "pipe", type: "6", mode: 0o600 },
    file(long, "deep"),
    file("/absolute", "inside"),
    file("a/./b/../c", "clean"),
  ]);

engineTest("a layer has its files, owners, modes, links, devices, times and attributes", async (context) => {
  const host = await overlayHost(context);
  const tar = content();
  const record = await host.snapshots.unpack(digestOf("sha256", tar), [], pieces(tar), "none");
  const at = (path: string) => join(host.layerFolder(record.id), path);
  assert.match(record.id, /^[a-z0-9]{12}$/);
  assert.equal(record.size, 5 + big.length + 1 + 1 + 4 + 6 + 5);
  assert.equal((await stat(at(""))).mode & 0o7777, 0o711);
  const etc = await stat(at("etc"));
  assert.deepEqual([etc.mode & 0o7777, etc.uid, etc.gid, etc.mtimeMs], [0o750, 5, 6, 1.6e12]);
  assert.equal((await stat(at("etc/passwd"), { bigint: true })).mtimeNs, 1_500_000_000_123_456_789n);
  const su = await stat(at("bin/su"));
  assert.deepEqual([su.mode & 0o7777, su.nlink, su.size], [0o4755, 2, big.length]);
  assert.equal(await readFile(at("bin/sudo"), "utf8"), big);
  assert.equal((await stat(at("huge-owner"))).uid, 4_000_000_000);
  assert.equal(await xattr(at("marked"), "user.note"), "a\0b");
  assert.equal(await xattr(at("marked"), "trusted.overlay.redirect"), undefined);
  assert.equal(await readlink(at("bin/sh")), "/bin/busybox");
  const device = await lstat(at("null"));
  assert.deepEqual([device.isCharacterDevice(), device.rdev, device.mode & 0o777], [true, 0x103, 0o666]);
  assert.ok((await lstat(at("pipe"))).isFIFO());
  assert.equal(await readFile(at(long), "utf8"), "deep");
  assert.equal(await readFile(at("absolute"), "utf8"), "inside");
  assert.equal(await readFile(at("a/c"), "utf8"), "clean");
});

engineTest(
  "gzip, zstd and plain layers are told apart, and the digest is of what is inside",
  async (context) => {
    const host = await overlayHost(context);
    const tar = content();
    const packings = [
      ["gzip", gzipSync(tar)],
      ["zstd", zstdCompressSync(tar)],
      ["none", tar],
    ] as const;
    for (const [compression, bytes] of packings)
      for (const said of [compression, "detect"] as const) {
        const record = await host.snapshots.unpack(undefined, [], pieces(bytes, 777), said);
        assert.equal(record.diffId, digestOf("sha256", tar));
        assert.equal(await readFile(join(host.layerFolder(record.id), "bin/su"), "utf8"), big);
      }
  },
);

engineTest("a layer without anything, of no bytes even, is a layer", async (context) => {
  const host = await overlayHost(context);
  for (const tar of [Buffer.alloc(0), Buffer.alloc(1024)]) {
    const record = await host.snapshots.unpack(digestOf("sha256", tar), [], pieces(tar), "detect");
    assert.equal(record.size, 0);
  }
});
