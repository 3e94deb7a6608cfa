import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { file, tarOf } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { gathered, overlayHost, pieces } from "./harness/overlay.ts";

const options = { noOverwriteDirNonDir: true, keepOwner: true };

engineTest("docker cp through a link out of the container stays inside of it", async (context) => {
  const host = await overlayHost(context);
  const outside = join(host.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "the host's");
  const root = await host.container("c1", []);
  await symlink(outside, join(root, "far"));
  await symlink(`${"../".repeat(30)}${outside.slice(1)}`, join(root, "up"));
  for (const way of ["far", "up"]) {
    await assert.rejects(host.snapshots.statPath("c1", [], `${way}/secret`), { code: "engine-missing" });
    await assert.rejects(host.snapshots.readPath("c1", [], `${way}/`), { code: "engine-missing" });
    await assert.rejects(host.snapshots.writePath("c1", [], way, pieces(tarOf([file("x")])), options), {
      code: "engine-missing",
    });
    assert.equal((await host.snapshots.statPath("c1", [], way)).linkTarget, outside);
  }
  await host.snapshots.writePath("c1", [], "/", pieces(tarOf([file("etc/../secret", "mine")])), options);
  await mkdir(join(root, outside), { recursive: true });
  await writeFile(join(root, outside, "secret"), "the container's");
  for (const way of ["far", "up"]) {
    const { body } = await host.snapshots.readPath("c1", [], `${way}/secret`);
    assert.match((await gathered(body)).toString(), /the container's/);
    await host.snapshots.writePath("c1", [], way, pieces(tarOf([file(way, "written")])), options);
  }
  assert.deepEqual((await readdir(outside)).sort(), ["secret"]);
  assert.deepEqual((await readdir(join(root, outside))).sort(), ["far", "secret", "up"]);
});

engineTest(
  "a container that swaps a folder for a link all the while gets nothing of the host",
  async (context) => {
    const host = await overlayHost(context);
    const outside = join(host.folder, "outside");
    await mkdir(join(outside, "inner"), { recursive: true });
    await writeFile(join(outside, "inner/secret"), "the host's", { mode: 0o644 });
    const root = await host.container("c1", []);
    await mkdir(join(root, "turn/inner"), { recursive: true });
    await writeFile(join(root, "turn/inner/secret"), "the container's");
    await symlink(outside, join(root, "other"));
    const swap = `chdir shift; for (1 .. 20_000_000) {
    rename 'turn','t'; rename 'other','turn'; rename 't','other'; }`;
    const swapper = spawn("perl", ["-e", swap, root], { stdio: "ignore" });
    const gone = once(swapper, "exit");
    try {
      assert.ok((await rounds(host.snapshots)) > 0, "the swapping never let anything through");
    } finally {
      swapper.kill("SIGKILL");
      await gone;
    }
    assert.deepEqual(await readdir(join(outside, "inner")), ["secret"]);
    assert.equal(await readFile(join(outside, "inner/secret"), "utf8"), "the host's");
    assert.equal((await stat(outside)).mode & 0o777, 0o755);
  },
);

/** How often the container's own file was seen. */
async function rounds(snapshots: Snapshots): Promise<number> {
  let inside = 0;
  for (let round = 0; round < 20; round++) {
    const tries = await Promise.allSettled([
      snapshots.readFile("c1", "turn/inner/secret", 1000),
      snapshots.readPath("c1", [], "turn/inner/").then(({ body }) => gathered(body)),
      snapshots.writePath("c1", [], "turn/inner", pieces(tarOf([file("w", "w", { mode: 0o600 })])), options),
    ]);
    for (const tried of tries) {
      if (tried.status === "rejected") assert.ok(tried.reason instanceof AppError, String(tried.reason));
      else if (tried.value !== undefined) {
        const text = Buffer.from(tried.value).toString();
        assert.ok(!text.includes("the host's"));
        if (text.includes("the container's")) inside++;
      }
    }
  }
  return inside;
}
