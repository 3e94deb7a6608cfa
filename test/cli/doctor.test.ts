import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Examination } from "#app/doctor/finding.ts";
import { berth } from "./captured.ts";

async function file(t: TestContext, engine: string) {
  const folder = await mkdtemp(join(tmpdir(), "berth-doctor-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "berth.yaml");
  await writeFile(path, `engine: { data: ${folder}/engine, listen: "unix://${folder}/e.sock", ${engine} }`);
  return path;
}

const machine = { cores: 1, home: "/root", root: false, fromSource: true };

test("who isn't root is told, with exit code 1, and that the registry needs none of it", async (t) => {
  const { code, stdout } = await berth(["doctor", "engine", "--config", await file(t, "")], { machine });
  assert.equal(code, 1);
  assert.match(stdout, /^engine\n/);
  assert.match(
    stdout,
    /^ {2}missing {2}root +the engine needs root; the registry doesn't\n +→ sudo berth engine$/m,
  );
  assert.match(stdout, /^ {2}\w+ +conmon +\S/m);
});

test("as JSON: what is missing, and the line that cures it", async (t) => {
  const path = await file(t, "group: no-such-group");
  const { code, stdout } = await berth(["doctor", "engine", "--config", path, "--json"], { machine });
  assert.equal(code, 1);
  const [engine] = JSON.parse(stdout) as Examination[];
  assert.equal(engine?.about, "engine");
  assert.deepEqual(
    engine?.findings.find(({ name }) => name === "group no-such-group"),
    {
      name: "group no-such-group",
      state: "missing",
      message: "isn't on this machine",
      cure: "groupadd --system no-such-group",
    },
  );
  for (const { state, cure } of engine?.findings ?? []) if (state === "missing") assert.ok(cure);
});

test("a configuration with faults is told as check-config tells it", async (t) => {
  const { code, stderr } = await berth(["doctor", "engine", "--config", await file(t, "runtime: docker")], {
    machine,
  });
  assert.equal(code, 1);
  assert.match(stderr, /engine\.runtime .*auto, crun, runc/);
});

test("a user of the registry who isn't there is named, not the usual one", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "berth-doctor-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "berth.yaml");
  await writeFile(path, `user: no-such-user\nengine: { enabled: true, data: ${folder}/engine }`);
  const { code, stdout } = await berth(["doctor", "engine", "--config", path, "--json"], {
    machine: { ...machine, root: true },
  });
  assert.equal(code, 1);
  const [engine] = JSON.parse(stdout) as Examination[];
  assert.match(
    engine?.findings.find(({ name }) => name === "user of the registry")?.message ?? "",
    /^there is no user no-such-user on this machine/,
  );
});
