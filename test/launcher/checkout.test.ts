import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { checkout, cleanEnv, launch, oldNode, withoutOldNode } from "./fixture.ts";

const launcher = join(checkout, "src/berth.js");
const RUNS_SOURCES = /^berth \d+\.\d+\.\d+ \(Node 2[4-9]\..*, sources\)\n$/;

test("the launcher runs this checkout with an old Node", { skip: withoutOldNode }, () => {
  const { status, stdout, stderr } = launch(oldNode ?? "", launcher, ["version"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, RUNS_SOURCES);
});

const npx = oldNode === undefined ? undefined : join(dirname(oldNode), "npx");
const withoutNpx =
  withoutOldNode || (npx !== undefined && existsSync(npx) ? false : "no npx beside the old Node");

test(
  "npx berth works in the checkout where node on PATH is old, without a network",
  { skip: withoutNpx },
  () => {
    const cache = mkdtempSync(join(tmpdir(), "berth-npx-"));
    try {
      const { status, stdout, stderr } = spawnSync(npx ?? "", ["berth", "version"], {
        cwd: checkout,
        encoding: "utf8",
        timeout: 120_000,
        env: {
          ...cleanEnv,
          PATH: [dirname(npx ?? ""), "/usr/bin", "/bin"].join(delimiter),
          npm_config_cache: cache,
          npm_config_offline: "true",
          npm_config_update_notifier: "false",
        },
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, RUNS_SOURCES);
    } finally {
      rmSync(cache, { recursive: true });
    }
  },
);

test("the launcher may be executed, and keeps to syntax that old Nodes can parse", () => {
  accessSync(launcher, constants.X_OK);
  const text = readFileSync(launcher, "utf8");
  assert.ok(text.startsWith("#!/usr/bin/env node\n"));
  for (const modern of [
    /\?\./,
    /\?\?/,
    /\|\|=|&&=/,
    /\bawait\b/,
    /"node:/,
    /\bcatch \{/,
    /\bstatic\b/,
    /#\w+\s*\(/,
  ]) {
    assert.doesNotMatch(text, modern);
  }
});
