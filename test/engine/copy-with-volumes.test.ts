import assert from "node:assert/strict";
import { access, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { gathered, namesIn, overlayHost, pieces } from "./harness/overlay.ts";

const options = { noOverwriteDirNonDir: true, keepOwner: true };

engineTest(
  "volumes and binds are seen by copies though nothing runs, and links lead into them",
  async (context) => {
    const host = await overlayHost(context);
    const volume = join(host.folder, "volume");
    const fixed = join(host.folder, "fixed");
    const single = join(host.folder, "single");
    await mkdir(volume);
    await mkdir(fixed);
    await writeFile(join(volume, "in-volume"), "v");
    await writeFile(join(fixed, "in-fixed"), "f");
    await writeFile(single, "bound");
    await writeFile(join(host.folder, "secret"), "the host's");
    await symlink("../secret", join(volume, "out"));
    const root = await host.container("c1", []);
    await symlink("data/volume", join(root, "way"));
    await host.snapshots.unmount("c1");
    const mounts = [
      { source: volume, destination: "/data/volume", rw: true },
      { source: fixed, destination: "/data/volume/fixed", rw: false },
      { source: single, destination: "/etc/single", rw: true },
      { source: join(host.folder, "lost"), destination: "/lost", rw: true },
    ];
    const out = async (path: string) =>
      namesIn(await gathered((await host.snapshots.readPath("c1", mounts, path)).body));
    assert.deepEqual((await out("/data")).sort(), [
      "data/",
      "data/volume/",
      "data/volume/fixed/",
      "data/volume/fixed/in-fixed",
      "data/volume/in-volume",
      "data/volume/out",
    ]);
    assert.equal((await host.snapshots.statPath("c1", mounts, "/etc/single")).size, 5);
    await host.snapshots.writePath("c1", mounts, "/way", pieces(tarOf([file("new", "n")])), {
      ...options,
      readOnlyRoot: true,
    });
    assert.equal(await readFile(join(volume, "new"), "utf8"), "n");
    await assert.rejects(
      host.snapshots.writePath("c1", mounts, "/way/fixed", pieces(tarOf([file("new", "n")])), options),
      { code: "engine-forbidden", message: "mounted volume is marked read-only" },
    );
    await assert.rejects(
      host.snapshots.writePath(
        "c1",
        mounts,
        "/data",
        pieces(tarOf([file("volume/fixed/in-fixed", "n")])),
        options,
      ),
      {
        code: "engine-forbidden",
      },
    );
    await assert.rejects(host.snapshots.statPath("c1", mounts, "/way/out/"), { code: "engine-missing" });
    await assert.rejects(host.snapshots.statPath("c1", mounts, "/lost"), { code: "engine-missing" });
    assert.deepEqual(await readdir(fixed), ["in-fixed"]);
    assert.ok(!(await readFile("/proc/self/mountinfo", "utf8")).includes(host.folder));
    await assert.rejects(access(join(host.folder, "containers/c1/upper/data/volume/new")));
  },
);
