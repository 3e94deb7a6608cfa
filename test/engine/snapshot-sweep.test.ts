import assert from "node:assert/strict";
import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

engineTest("what no record knows is swept, mounts too, and the rest stays", async (context) => {
  const host = await overlayHost(context);
  const kept = await host.layer([file("kept", "kept")]);
  const loose = await host.layer([file("loose", "loose")]);
  await mkdir(join(host.folder, "layers/.tmp-abc/half"), { recursive: true });
  await host.container("known", [kept.id]);
  const lost = await host.container("lost", [kept.id, loose.id]);
  await writeFile(join(lost, "written"), "written");
  const second = await host.again();
  await second.sweep({ layers: new Set([kept.id]), containers: new Set(["known"]) });
  assert.deepEqual(await host.layerNames(), [kept.id]);
  assert.deepEqual(await readdir(join(host.folder, "containers")), ["known"]);
  assert.ok(!(await readFile("/proc/self/mountinfo", "utf8")).includes(lost));
  assert.equal(await readFile(join(host.folder, "containers/known/merged/kept"), "utf8"), "kept");
  await access(join(host.folder, "layers/.init/proc"));
});
