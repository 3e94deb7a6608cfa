import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { writeFile } from "node:fs/promises";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { tarOf, file } from "./harness/layer-tar.ts";
import { engineTest } from "./harness/needs.ts";
import { first, remappedEngine } from "./harness/remapped-engine.ts";

engineTest("userns_remap can't be switched while the data folder holds something", async () => {
  await using remapped = await remappedEngine();
  const { engine, data } = remapped;
  const restarted = async (ids: string) => {
    await engine.stop();
    await configured(engine, { userns_remap: ids });
    await engine.start();
  };
  await assert.rejects(restarted("off"), (error: Error) => {
    const words = `engine.userns_remap is off, but the files in ${data} were made with ${first}:65536: set it back, or remove all containers, images and volumes first, or name another folder as engine.data`;
    assert.ok(error.message.includes(words), error.message);
    return true;
  });
  await assert.rejects(restarted(`${first + 1}:65536`), /set it back/);
  await assert.rejects(restarted(`${first}:65535`), /set it back/);
  // More ids move none.
  await restarted(`${first}:70000`);
  assert.equal(await engine.ok("run", "--rm", "busybox", "id", "-u"), "0");
  await engine.ok("image", "rm", "busybox");
  await restarted("off");
});

engineTest("userns_remap can't be switched on over what was made without it", async () => {
  await using engine = await testEngine();
  await engine.stop();
  await configured(engine, { userns_remap: "200000:65536" });
  await assert.rejects(engine.start(), /the files in .* were made with off: set it back/);
  await configured(engine, { userns_remap: "off" });
  await engine.start();
});

engineTest("a folder that root in containers can't pass is named", async () => {
  await using remapped = await remappedEngine({}, "");
  const { engine, data } = remapped;
  await engine.stop();
  const shut = join(data, "..", "shut");
  await mkdir(shut, { mode: 0o700 });
  await configured(engine, { data: join(shut, "engine") });
  await assert.rejects(engine.start(), (error: Error) => {
    assert.ok(error.message.includes(`chmod o+x ${shut}`), error.message);
    return true;
  });
  await chmod(shut, 0o711);
  await engine.start();
  await engine.stop();
  await rm(shut, { recursive: true });
  await configured(engine, { data });
  await engine.start();
});

engineTest("an image whose ids don't fit into the range is refused with words", async () => {
  await using remapped = await remappedEngine({ userns_remap: `${first}:1000` }, "");
  const { engine } = remapped;
  const fits = tarOf([file("a", "", { uid: 999, gid: 999 })]);
  const doesnt = tarOf([file("a"), file("b", "", { uid: 5, gid: 1000 })]);
  assert.equal((await engine.docker(["import", "-", "fits:1"], { input: fits })).code, 0);
  const { code, stderr, stdout } = await engine.docker(["import", "-", "doesnt:1"], { input: doesnt });
  assert.notEqual(code, 0);
  assert.ok(
    `${stdout}${stderr}`.includes(
      'Container ID 1000 cannot be mapped to a host ID: "b" belongs to group 1000, and engine.userns_remap has the ids below 1000; give it more, such as 200000:1001',
    ),
    `${stdout}${stderr}`,
  );
});

async function configured(engine: TestEngine, changes: Record<string, unknown>): Promise<void> {
  const path = join(engine.folder, "berth.yaml");
  const config = parse(await readFile(path, "utf8")) as { engine: object };
  await writeFile(path, stringify({ ...config, engine: { ...config.engine, ...changes } }));
}
