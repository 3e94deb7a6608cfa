import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine } from "#cli/io.ts";
import { berth } from "./captured.ts";

async function data(machine: Partial<Machine>, env: Record<string, string> = {}): Promise<unknown> {
  const all = { cores: 1, home: "/home/user", root: false, fromSource: false, ...machine };
  const { stdout } = await berth(["check-config", "--json"], { machine: all, env, cwd: "/here" });
  return (JSON.parse(stdout) as { config: { data: string } }).config.data;
}

test("in a checkout data lies in ./data", async () => {
  assert.equal(await data({ fromSource: true }, { XDG_STATE_HOME: "/state" }), "/here/data");
});

test("installed, it lies in the state folder", async () => {
  assert.equal(await data({}), "/home/user/.local/state/berth");
  assert.equal(await data({ root: true }), "/var/lib/berth");
  assert.equal(await data({}, { XDG_STATE_HOME: "/state" }), "/state/berth");
  assert.equal(await data({}, { XDG_STATE_HOME: "relative" }), "/home/user/.local/state/berth");
});
