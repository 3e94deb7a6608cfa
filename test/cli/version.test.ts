import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { berth } from "./captured.ts";

const packageFile = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(packageFile) as { version: string };

test("says the version of the package and of Node", async () => {
  for (const argv of [["version"], ["--version"], ["-V"]]) {
    const { code, stdout } = await berth(argv);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`berth ${version} (Node ${process.versions.node}, `), stdout);
  }
});

test("--json for programs", async () => {
  const { stdout } = await berth(["version", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    runs: "sources",
  });
});
