import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openMetadata, openMetadataAsItIs } from "#app/open/open-metadata.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { digest, manifest } from "../contract/metadata/content.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { berth } from "./captured.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const app = "team/app" as RepositoryName;
const many = 2_000;

test("a run that is killed leaves nothing half, and the next one goes on", async () => {
  using folder = tempFolder();
  const [data, file] = [folder.file("data"), folder.file("berth.yaml")];
  mkdirSync(data);
  writeFileSync(file, "retention: { rules: [{ repositories: team/*, keep: { newest: 10 } }] }");
  const config = defaultConfig(data);
  const names = Array.from({ length: many }, (_, i) => `t${i}` as Tag);
  {
    await using metadata = await openMetadata(config);
    await Promise.all(
      names.map((name, i) =>
        metadata.repositories.putManifest(manifest(app, "m", { tags: [{ name, was: "any" }], now: i })),
      ),
    );
  }
  const args = ["retention", "run", "--config", file, "--data", data];
  const child = spawn(process.execPath, ["--conditions=berth-src", main, ...args], { stdio: "ignore" });
  const ended = once(child, "exit");
  {
    await using metadata = await openMetadataAsItIs(config);
    assert.ok(metadata);
    const end = Date.now() + 30_000;
    while ((await metadata.tagRoom.removed(app, { limit: 1, after: undefined })).length === 0) {
      assert.ok(Date.now() < end, "it never removed a tag");
      await pause(1);
    }
    child.kill("SIGKILL");
    await ended;
    const left = await metadata.repositories.tags(app, { limit: many, last: undefined });
    const gone = await metadata.tagRoom.removed(app, { limit: many, after: undefined });
    assert.deepEqual([...left, ...gone.map(({ name }) => name)].sort(), [...names].sort());
    assert.ok(gone.every((tag) => tag.digest === digest("m")));
  }
  // The lease of the killed one ends by itself.
  const { code, stdout } = await berth(args);
  assert.equal(code, 0);
  assert.match(stdout, /10 kept, \d+ removed\n/);
  await using metadata = await openMetadata(config);
  const left = await metadata.repositories.tags(app, { limit: many, last: undefined });
  assert.deepEqual([...left].sort(), names.slice(-10).sort());
});
