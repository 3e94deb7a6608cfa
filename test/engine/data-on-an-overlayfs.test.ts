import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineTest } from "./harness/needs.ts";
import { openOwnHost } from "./harness/own-host.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

engineTest("a data folder on an overlayfs is refused at the start, before anything is made", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "be-ov-"));
  t.after(() => rm(folder, { recursive: true }));
  await using host = await openOwnHost();
  const at = (name: string) => join(folder, name);
  for (const name of ["lower", "upper", "work", "merged"]) await mkdir(at(name));
  const option = `lowerdir=${at("lower")},upperdir=${at("upper")},workdir=${at("work")}`;
  const mounted = await host.run("mount", ["-t", "overlay", "overlay", "-o", option, at("merged")]);
  // Where the temp folder is on an overlayfs itself, it will do.
  const place = mounted.code === 0 ? at("merged") : at("upper");
  const data = join(place, "deep", "engine");
  const flags = ["--data", data, "--listen", `unix://${at("e.sock")}`];
  const { code, stderr } = await host.run(
    process.execPath,
    ["--conditions=berth-src", main, "engine", ...flags],
    {
      cwd: folder,
      env: { BERTH_ENGINE_RUN_FOLDER: at("run") },
    },
  );
  assert.deepEqual(
    [code, stderr],
    [
      1,
      `berth: engine.data, ${data}, lies on an overlayfs itself, where no container's root can be mounted: ` +
        "name a folder of a disk or volume\n",
    ],
  );
  assert.deepEqual(await readdir(at("upper")), []);
});
