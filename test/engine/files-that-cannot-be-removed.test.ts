import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("what an engine left and can't be removed doesn't keep the next one from starting", async () => {
  await using engine = await testEngine();
  const { host, folder } = engine;
  await engine.ok("run", "-d", "--name", "goes-on", "busybox", "sleep", "1000");
  await engine.stop();
  const [layers, volumes] = ["layers", "volumes"].map((name) => join(folder, "engine", name)) as [
    string,
    string,
  ];
  const stuck = [join(layers, ".tmp-a"), join(volumes, ".removed-a")];
  const loose = [join(layers, ".tmp-b"), join(volumes, ".removed-b"), join(volumes, "nobodys")];
  for (const one of [...stuck, ...loose]) await mkdir(join(one, "inner"), { recursive: true });
  for (const one of stuck)
    assert.equal((await host.run("mount", ["-t", "tmpfs", "none", join(one, "inner")])).code, 0);
  try {
    await engine.start();
    assert.match(engine.logs(), /"msg":"what an engine before this one left can't be removed wholly"/);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Running}}", "goes-on"), "true");
    for (const one of loose) assert.ok(!existsSync(one), one);
  } finally {
    for (const one of stuck) await host.run("umount", [join(one, "inner")]);
  }
});

engineTest("a volume goes whose folders lie deeper than a path is long", async () => {
  await using engine = await testEngine();
  const name = "d".repeat(200);
  const below = `cd /v && for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do mkdir ${name} && cd ${name} || exit 1; done; touch file`;
  const half = `mkdir -p /v/x && mv /v/${name} /v/x/ && mkdir /v/x/y && mv /v/x/${name} /v/x/y/`;
  // In two halves, since a shell goes by whole paths itself.
  for (const script of [below, half, below.replace("/v &&", `/v && mkdir other && cd other &&`)])
    await engine.ok("run", "--rm", "-v", "deep:/v", "busybox", "sh", "-c", script);
  await engine.ok(
    "run",
    "--rm",
    "-v",
    "deep:/v",
    "busybox",
    "sh",
    "-c",
    `mv /v/other /v/x/y/${Array(18).fill(name).join("/")}/`,
  );
  await engine.ok("volume", "rm", "deep");
  assert.equal(await engine.ok("volume", "ls", "-q"), "");
});
