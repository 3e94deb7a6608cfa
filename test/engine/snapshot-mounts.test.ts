import assert from "node:assert/strict";
import { access, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LayerId } from "#core/engine/snapshots.ts";
import { file, folder } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost, type OverlayHost } from "./harness/overlay.ts";

const isMounted = async (path: string) =>
  (await readFile("/proc/self/mountinfo", "utf8")).includes(` ${path} `);

async function twoLayers(host: OverlayHost): Promise<LayerId[]> {
  const base = await host.layer([
    folder("etc", { mode: 0o700 }),
    file("etc/hosts", "image's"),
    file("name", "base"),
  ]);
  const top = await host.layer([file("name", "top")], [base.id]);
  return [base.id, top.id];
}

engineTest("a container sees its layers in order, and mountpoints that the image lacks", async (context) => {
  const host = await overlayHost(context);
  const layers = await twoLayers(host);
  const root = await host.container("c1", layers);
  assert.equal(await readFile(join(root, "name"), "utf8"), "top");
  assert.equal(await readFile(join(root, "etc/hosts"), "utf8"), "image's");
  assert.equal((await stat(join(root, "etc"))).mode & 0o777, 0o700);
  assert.deepEqual((await readdir(join(root, "etc"))).sort(), ["hostname", "hosts", "mtab", "resolv.conf"]);
  await writeFile(join(root, "name"), "mine");
  const other = await host.container("c2", layers);
  assert.equal(await readFile(join(other, "name"), "utf8"), "top");
  const bare = await host.container("c3", []);
  assert.deepEqual((await readdir(bare)).sort(), [".dockerenv", "dev", "etc", "proc", "sys"]);
});

engineTest("mounts are counted: the last unmount takes it down, what was written stays", async (context) => {
  const host = await overlayHost(context);
  const layers = await twoLayers(host);
  const root = await host.container("c1", layers);
  await Promise.all([host.snapshots.mount("c1", layers), host.snapshots.mount("c1", layers)]);
  await writeFile(join(root, "kept"), "kept");
  await host.snapshots.unmount("c1");
  await host.snapshots.unmount("c1");
  assert.ok(await isMounted(root));
  await host.snapshots.unmount("c1");
  assert.ok(!(await isMounted(root)));
  await host.snapshots.unmount("c1");
  for (const volatile of [true, true, false]) {
    await host.snapshots.mount("c1", layers, { volatile });
    assert.equal(await readFile(join(root, "kept"), "utf8"), "kept");
    await host.snapshots.unmount("c1");
  }
});

engineTest("an engine that comes back takes mounts over", async (context) => {
  const host = await overlayHost(context);
  const layers = await twoLayers(host);
  const root = await host.container("c1", layers);
  await host.container("c2", layers);
  await host.container("c3", layers);
  await writeFile(join(root, "kept"), "kept");
  const second = await host.again();
  await second.adopt("c1");
  assert.equal(await second.mount("c2", layers), join(host.folder, "containers/c2/merged"));
  await second.mount("c1", layers);
  await second.unmount("c1");
  assert.equal(await readFile(join(root, "kept"), "utf8"), "kept");
  for (const id of ["c1", "c2", "c3"]) {
    await second.unmount(id);
    assert.ok(!(await isMounted(join(host.folder, "containers", id, "merged"))), id);
  }
});

engineTest("a removed container leaves nothing, mounted or not, and its layers stay", async (context) => {
  const host = await overlayHost(context);
  const layers = await twoLayers(host);
  const root = await host.container("c1", layers);
  await host.snapshots.mount("c1", layers);
  await host.snapshots.remove("c1");
  assert.ok(!(await isMounted(root)));
  await assert.rejects(access(join(host.folder, "containers/c1")));
  await host.snapshots.remove("c1");
  assert.deepEqual(await host.layerNames(), [...layers].sort());
  const [base, top] = layers as [LayerId, LayerId];
  await host.snapshots.removeLayer(top);
  await host.snapshots.removeLayer(top);
  assert.deepEqual(await host.layerNames(), [base]);
});

engineTest("an image that has a layer twice is mounted", async (context) => {
  const host = await overlayHost(context);
  const [base, top] = (await twoLayers(host)) as [LayerId, LayerId];
  const root = await host.container("c1", [base, top, base]);
  assert.equal(await readFile(join(root, "name"), "utf8"), "base");
  assert.deepEqual(await host.snapshots.changes("c1"), []);
});

engineTest("hundreds of layers are mounted, more than fit are refused with words", async (context) => {
  const host = await overlayHost(context);
  const layers: LayerId[] = [];
  for (let i = 0; i < 40; i++) layers.push((await host.layer([file(`f${i}`, String(i))])).id);
  const root = await host.container("c".repeat(64), layers);
  assert.equal((await readdir(root)).filter((name) => name.startsWith("f")).length, 40);
  const many = Array.from({ length: 400 }, (_, i) => `layer${1_000_000 + i}` as LayerId);
  await host.snapshots.prepare("c2", many);
  await assert.rejects(host.snapshots.mount("c2", many), /400 layers, more than can be mounted/);
});

engineTest("ids that lead elsewhere are refused", async (context) => {
  const host = await overlayHost(context);
  for (const id of ["../x", "..", "", "a/b", ".init"]) {
    await assert.rejects(host.snapshots.prepare(id, []), { code: "engine-invalid" }, id);
    await assert.rejects(host.snapshots.remove(id), { code: "engine-invalid" }, id);
    await assert.rejects(host.snapshots.removeLayer(id as LayerId), { code: "engine-invalid" }, id);
  }
});
