import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine } from "./harness/engine.ts";
import { idleInventory, inventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const bad = [
  "../x",
  "..",
  ".",
  "a/../b",
  "/",
  "a/b",
  "-a",
  "a b",
  "a\nb",
  "ä",
  "x".repeat(300),
  "%2e%2e%2fx",
];

engineTest("names with ../ for containers, volumes, networks, images and copies lead nowhere", async () => {
  await using engine = await testEngine();
  await engine.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000");
  const before = await inventory(engine);
  const folders = async () =>
    (await readdir(engine.folder, { recursive: true })).filter((path) => !/engine\.db|\/run\//.test(path))
      .length;
  const there = await folders();
  const ask = (method: string, path: string, body?: unknown) =>
    askSocket(engine.socket, method, `/v1.47${path}`, body);
  for (const name of bad) {
    const coded = encodeURIComponent(name);
    const answers = await Promise.all([
      ask("POST", `/containers/create?name=${coded}`, { Image: "busybox" }),
      ask("POST", `/containers/box/rename?name=${coded}`),
      ask("POST", "/containers/create?name=never", {
        Image: "busybox",
        HostConfig: { Binds: [`${name}:/data`] },
      }),
      ask("POST", "/containers/create?name=never", {
        Image: "busybox",
        HostConfig: { NetworkMode: `container:${name}` },
      }),
      ask("POST", "/volumes/create", { Name: name }),
      ask("GET", `/volumes/${coded}`),
      ask("DELETE", `/volumes/${coded}?force=1`),
      ask("GET", `/networks/${coded}`),
      ask("DELETE", `/networks/${coded}`),
      ask("POST", "/containers/create?name=never", { Image: name }),
      ask("POST", `/images/busybox/tag?repo=${coded}`),
      ask("DELETE", `/images/${coded}`),
      ask("GET", `/containers/${coded}/json`),
      ask("POST", `/exec/${coded}/start`, {}),
    ]);
    for (const [i, { status, text }] of answers.entries()) {
      assert.ok(status < 500, `${JSON.stringify(name)} ${i}: ${status} ${text}`);
      if (status >= 400) assert.match(text, /^\{"message":"./, `${JSON.stringify(name)} ${i}`);
    }
    assert.ok([400, 404].includes(answers[0]?.status ?? 0), `${name}: ${answers[0]?.text}`);
    assert.ok([400, 404].includes(answers[4]?.status ?? 0), `${name}: ${answers[4]?.text}`);
    await ask("DELETE", "/containers/never?force=1&v=1");
  }
  const network = await ask("POST", "/networks/create", { Name: "../../x" });
  if (network.status === 201) await ask("DELETE", `/networks/${(network.json as { Id: string }).Id}`);
  assert.equal(await engine.ok("ps", "-a", "--format", "{{.Names}}"), "box");
  assert.equal(await engine.ok("volume", "ls", "-q"), "");
  await nothingLeft(engine, before);
  assert.equal(await folders(), there);
});

engineTest("docker cp: paths with ../, and links out of a container that runs and swaps them", async () => {
  await using engine = await testEngine();
  const outside = join(engine.folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "the host's");
  const swap =
    `mkdir -p /turn${outside} && echo inside > /turn/secret && ln -s ${outside} /other && ` +
    "while :; do mv /turn /t; mv /other /turn; mv /turn /other; mv /t /turn; done";
  await engine.ok("run", "-d", "--name", "box", "busybox", "sh", "-c", swap);
  await engine.ok("exec", "box", "ln", "-s", outside, "/far");
  await engine.ok("exec", "box", "ln", "-s", "../../../../../../../..", "/up");
  const file = join(engine.folder, "file");
  await writeFile(file, "written");
  for (const path of [
    "/far/secret",
    `/up${outside}/secret`,
    `/../../../..${outside}/secret`,
    "/proc/self/root/root",
    "/proc/1/root/etc",
  ]) {
    const out = await engine.docker(["cp", `box:${path}`, "-"]);
    assert.doesNotMatch(out.stdout, /the host's/, path);
    await engine.docker(["cp", file, `box:${path}`]);
  }
  for (let round = 0; round < 8; round++) {
    const [out] = await Promise.all([
      engine.docker(["cp", "box:/turn/secret", "-"]),
      engine.docker(["cp", file, "box:/turn/planted"]),
      engine.docker(["cp", file, "box:/turn/"]),
    ]);
    assert.doesNotMatch(out.stdout, /the host's/);
  }
  assert.deepEqual(await readdir(outside), ["secret"]);
  assert.ok(!existsSync(join(outside, "planted")));
  assert.equal((await engine.docker(["exec", "box", "true"])).code, 0);
});

engineTest("a bind mount of or over the engine's own folder is refused", async () => {
  await using engine = await testEngine();
  const before = await idleInventory(engine);
  await engine.host.run("ln", ["-s", engine.folder, join(engine.folder, "link")]);
  for (const path of [
    "engine",
    "engine/containers",
    "engine/../engine/layers",
    "link/engine",
    "data",
    "run",
  ]) {
    const own = join(engine.folder, "x").replace(/x$/, path);
    for (const flag of [
      ["-v", `${own}:/host`],
      ["--mount", `type=bind,src=${own},dst=/host`],
    ]) {
      const ran = await engine.docker(["run", "--rm", ...flag, "busybox", "ls", "/host"]);
      assert.notEqual(ran.code, 0, own);
      assert.match(ran.stderr, /Error response from daemon/, own);
    }
  }
  const volume = await engine.docker([
    "volume",
    "create",
    "-o",
    "type=none",
    "-o",
    "o=bind",
    "-o",
    `device=${engine.folder}/engine`,
    "sly",
  ]);
  assert.equal(volume.code, 1);
  assert.match(volume.stderr, /belongs to the engine itself/);
  assert.equal(await engine.ok("volume", "ls", "-q"), "");
  await nothingLeft(engine, before);
});
