import assert from "node:assert/strict";
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { volumesPlace } from "./harness/volumes-place.ts";

test("binds, volumes and tmpfs become mounts as docker shows them", async (context) => {
  const { make, folder, store, kept } = await volumesPlace(context);
  const { mounts } = await make({
    Binds: [
      `${folder}/../${folder.split("/").at(-1)}/x:/a/../b:ro,z`,
      "vol1:/v",
      "vol1:/v2:nocopy,ro",
      "/anon",
    ],
    Mounts: [
      { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 1_000_000, Mode: 0o700 } },
      {
        Type: "bind",
        Source: folder,
        Target: "/m/",
        ReadOnly: true,
        BindOptions: { NonRecursive: true, Propagation: "rslave" },
      },
      { Type: "volume", Source: "vol2", Target: "/w", VolumeOptions: { Labels: { a: "b" } } },
    ],
  });
  const of = (destination: string) => mounts.find((mount) => mount.destination === destination);
  assert.deepEqual(of("/b"), {
    type: "bind",
    source: join(folder, "x"),
    destination: "/b",
    mode: "ro,z",
    rw: false,
    propagation: "rprivate",
  });
  const vol1 = kept.get("vol1");
  assert.ok(vol1);
  const volume = { type: "volume", name: "vol1", source: store.path(vol1), driver: "local", propagation: "" };
  assert.deepEqual(of("/v"), { ...volume, destination: "/v", mode: "z", rw: true, copyUp: true });
  assert.deepEqual(of("/v2"), { ...volume, destination: "/v2", mode: "nocopy,ro", rw: false });
  assert.equal(of("/anon")?.anonymous, true);
  assert.deepEqual(of("/t")?.options, ["noexec", "nosuid", "nodev", "rprivate", "mode=700", "size=1000000"]);
  assert.deepEqual([of("/m")?.nonRecursive, of("/m")?.rw, of("/m")?.propagation], [true, false, "rslave"]);
  assert.deepEqual(kept.get("vol2")?.labels, { a: "b" });
});

test("a path that anything covers gets no volume of its own", async (context) => {
  const { make, kept } = await volumesPlace(context);
  const image = { Volumes: { "/data": {}, "/t/": {}, "/own": {}, "/": {}, "../../up": {} } };
  const { mounts } = await make({ Binds: ["comp:/data:rw"], Tmpfs: { "/t": "" } }, image, {
    Volumes: { "/data": {} },
  });
  assert.deepEqual(
    mounts.map(({ destination, anonymous }) => [destination, anonymous]),
    [
      ["/data", undefined],
      ["/own", true],
      ["/up", true],
    ],
  );
  assert.equal(kept.size, 3);
});

test("--volumes-from takes what another container has, read-only where asked", async (context) => {
  const { make, containers } = await volumesPlace(context);
  const first = await make({ Binds: ["vol1:/v", "/tmp:/b:ro"] }, { Volumes: { "/data": {} } });
  const { mounts } = await make({ VolumesFrom: [first.name], Binds: ["vol2:/v"] });
  assert.deepEqual(
    mounts.map(({ destination, name, rw, mode, copyUp }) => [destination, name, rw, mode, copyUp]),
    [
      ["/v", "vol2", true, "z", true],
      ["/b", undefined, false, "", undefined],
      ["/data", first.mounts[2]?.name, true, "", undefined],
    ],
  );
  const readonly = await make({ VolumesFrom: [`${first.id.slice(0, 12)}:ro`] });
  assert.ok(readonly.mounts.every(({ rw }) => !rw));
  assert.equal(containers.length, 3);
});

test("a new volume gets what the image has there, once; -v makes its folder at the start", async (context) => {
  const { make, volumes, imageRoot, folder } = await volumesPlace(context);
  await mkdir(join(imageRoot, "data"));
  await writeFile(join(imageRoot, "data/f"), "from the image");
  await chmod(join(imageRoot, "data/f"), 0o600);
  const host = join(folder, "made/for/it");
  const record = await make({ Binds: ["vol1:/data", `${host}:/h`, "plain:/nothing", "keep:/data2:nocopy"] });
  await assert.rejects(stat(host), { code: "ENOENT" });
  await volumes.fill(record);
  const path = record.mounts.find(({ name }) => name === "vol1")?.source ?? "";
  assert.equal(await readFile(join(path, "f"), "utf8"), "from the image");
  assert.ok((await stat(host)).isDirectory());
  // Emptied by the container: it stays so at the next start, and for the next container it isn't new but empty.
  await rm(join(path, "f"));
  await volumes.fill(record);
  assert.deepEqual(await readdir(path), []);
  await writeFile(join(path, "mine"), "1");
  await volumes.fill(await make({ Binds: ["vol1:/data"] }));
  assert.deepEqual(await readdir(path), ["mine"]);
});

test("a folder that --mount named and that is gone is no folder to make", async (context) => {
  const { make, volumes, folder } = await volumesPlace(context);
  const source = join(folder, "there");
  await mkdir(source);
  const record = await make({ Mounts: [{ Type: "bind", Source: source, Target: "/a" }] });
  await rm(source, { recursive: true });
  await assert.rejects(volumes.fill(record), {
    code: "engine-invalid",
    message: `invalid mount config for type "bind": bind source path does not exist: ${source}`,
  });
  await writeFile(join(folder, "file"), "");
  const below = await make({ Binds: [`${folder}/file/x:/a`] });
  await assert.rejects(volumes.fill(below), {
    code: "engine-invalid",
    message: /error while creating mount source path/,
  });
});
