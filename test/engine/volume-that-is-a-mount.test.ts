import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalVolumes } from "#adapters/local-volumes/local-volumes.ts";
import { runProgram } from "#kit/run-program.ts";
import { engineTest } from "./harness/needs.ts";
import { volumesPlace } from "./harness/volumes-place.ts";

const mounted = async (path: string) =>
  (await readFile("/proc/self/mountinfo", "utf8")).includes(` ${path} `);

engineTest(
  "a volume with options is mounted when it is used first, and unmounted before it goes",
  async (context) => {
    const { volumes, make, remove, own } = await volumesPlace(context);
    await volumes.create({ Name: "mem", DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } });
    const path = join(own, "volumes/mem/_data");
    assert.ok(!existsSync(path), "not before it is used");
    const record = await make({ Binds: ["mem:/a"] });
    await volumes.fill(record);
    assert.ok(await mounted(path));
    await writeFile(join(path, "f"), "1");
    await volumes.fill(record);
    assert.deepEqual(await readdir(path), ["f"], "once");
    assert.equal((await readFile("/proc/self/mountinfo", "utf8")).split(` ${path} `).length, 2);
    await remove(record, false);
    await volumes.remove("mem", false);
    assert.ok(!(await mounted(path)) && !existsSync(join(own, "volumes/mem")));
  },
);

engineTest(
  "a volume that is a folder of the host: removed without what is in the folder",
  async (context) => {
    const { volumes, make, remove, folder } = await volumesPlace(context);
    const host = join(folder, "with space");
    await mkdir(host);
    await writeFile(join(host, "precious"), "1");
    await volumes.create({ Name: "host", DriverOpts: { type: "none", device: host, o: "bind" } });
    const record = await make({ Binds: ["host:/a"] });
    await volumes.fill(record);
    assert.deepEqual(await readdir(record.mounts[0]?.source ?? ""), ["precious"]);
    await remove(record, false);
    await volumes.remove("host", false);
    assert.deepEqual(await readdir(host), ["precious"]);
  },
);

engineTest("a device that isn't there is told at the start", async (context) => {
  const { volumes, make, own } = await volumesPlace(context);
  await volumes.create({ Name: "gone", DriverOpts: { type: "none", device: "/nosuch", o: "bind" } });
  const record = await make({ Binds: ["gone:/a"] });
  await assert.rejects(volumes.fill(record), {
    code: "engine-failed",
    message:
      /^error while mounting volume '.*gone\/_data': failed to mount local volume: mount \/nosuch:.*_data/,
  });
  assert.ok(!(await mounted(join(own, "volumes/gone/_data"))));
  await volumes.create({ Name: "option", DriverOpts: { type: "none", device: "--help", o: "bind" } });
  await assert.rejects(volumes.fill(await make({ Binds: ["option:/a"] })), { code: "engine-failed" });
});

engineTest("what is mounted below a volume is never deleted through", async (context) => {
  const { volumes, store, folder, own, kept } = await volumesPlace(context);
  const precious = join(folder, "precious");
  await mkdir(precious);
  await writeFile(join(precious, "f"), "1");
  for (const sweep of [false, true]) {
    const { mountpoint } = await volumes.create({ Name: "vol" });
    const below = join(mountpoint, "sp ace");
    await mkdir(below);
    assert.equal((await runProgram("mount", ["--bind", precious, below])).code, 0);
    if (sweep) await createLocalVolumes(join(own, "volumes")).sweep(new Set());
    else await volumes.remove("vol", false);
    assert.ok(!(await mounted(below)));
    assert.deepEqual(await readdir(precious), ["f"]);
  }
  assert.ok(kept.has("vol"));
  assert.equal(await store.hostPath(precious), "folder");
});
