import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { file, symlink, type TarPart } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { overlayHost } from "./harness/overlay.ts";

engineTest("a file of the root is read through links that stay inside it", async (context) => {
  const host = await overlayHost(context);
  await writeFile(join(host.folder, "secret"), "secret");
  const parts: TarPart[] = [
    file("etc/passwd", "inside"),
    symlink("absolute", "/etc/passwd"),
    symlink("relative", "etc/../../../../etc/passwd"),
    symlink("way", "/etc"),
    symlink("out", join(host.folder, "secret")),
    symlink("up", `${"../".repeat(30)}${host.folder.slice(1)}/secret`),
    symlink("loop", "loop"),
    { name: "pipe", type: "6" },
    file("large", "x".repeat(2000)),
  ];
  const layer = await host.layer(parts);
  await host.container("c1", [layer.id]);
  const read = async (path: string) => {
    const bytes = await host.snapshots.readFile("c1", path, 1000);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString();
  };
  for (const path of ["/etc/passwd", "etc/passwd", "absolute", "relative", "way/passwd", "/../../etc/passwd"])
    assert.equal(await read(path), "inside", path);
  for (const path of ["out", "up", "nothing", "etc/passwd/x", "nothing/../etc/passwd"])
    assert.equal(await read(path), undefined, path);
  for (const path of ["loop", "pipe", "large", "etc", "/"])
    await assert.rejects(read(path), { code: "engine-invalid" }, path);
});
