import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxArchive } from "./harness/busybox-image.ts";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";
import { runProgram } from "#kit/run-program.ts";

/** A small disk of its own. Undefined: this machine has no loop devices. */
async function smallDisk() {
  const folder = await mkdtemp(join(tmpdir(), "bd-"));
  const [image, place] = [join(folder, "image"), join(folder, "disk")];
  const script = `truncate -s 512M ${image} && mkfs.ext4 -q -m 0 ${image} && mkdir ${place} && mount -o loop ${image} ${place}`;
  const made = await runProgram("sh", ["-c", script]).catch(() => undefined);
  return {
    place: made?.code === 0 ? place : undefined,
    async [Symbol.asyncDispose]() {
      await runProgram("umount", ["-l", place]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

engineTest("a full disk: what needs room is refused in words, what ends and goes still does", async (t) => {
  await using disk = await smallDisk();
  const { place } = disk;
  if (place === undefined) return t.skip("needs loop devices");
  await using engine = await testEngine({ engine: { data: join(place, "engine") } });
  const { host } = engine;
  for (const name of ["stopped", "killed", "removed"])
    await engine.ok("run", "-d", "--restart", "always", "--name", name, "busybox", "sleep", "1000");
  const fill = (name: string, block: string) =>
    host.run("dd", ["if=/dev/zero", `of=${join(place, name)}`, `bs=${block}`]);
  await fill("fill", "1M");
  await fill("fill-rest", "1k");

  for (const args of [
    ["run", "-d", "busybox", "true"],
    ["tag", "busybox", "other"],
    ["network", "create", "other"],
  ]) {
    const { code, stderr } = await engine.docker(args);
    assert.ok(code > 0, args.join(" "));
    assert.match(stderr, /disk is full|no space left|ENOSPC/, args.join(" "));
    assert.doesNotMatch(stderr, /registry/);
  }
  const loaded = await engine.docker(["load"], { input: await busyboxArchive("other:latest") });
  assert.match(`${loaded.stdout}${loaded.stderr}`, /no space left on device|disk is full/);
  assert.equal(
    await engine.ok("ps", "-q", "--filter", "status=running").then((ids) => ids.split("\n").length),
    3,
  );

  await engine.ok("stop", "-t", "0", "stopped");
  await engine.ok("kill", "killed");
  await engine.ok("rm", "-f", "removed");
  assert.equal(await engine.ok("ps", "-q"), "");
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", "stopped"), "exited");
  await engine.ok("rm", "stopped", "killed");

  await host.run("rm", [join(place, "fill"), join(place, "fill-rest")]);
  await engine.kill();
  await engine.start();
  assert.equal(await engine.ok("ps", "-aq"), "");
  assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "room again"), "room again");
});
