import assert from "node:assert/strict";
import { test } from "node:test";
import { berth } from "./captured.ts";

const coloured = async (terminal: boolean, env: Record<string, string>) =>
  (await berth(["nothing"], { terminal, env })).stderr.includes("\u001b[");

test("colours are for terminals only, and NO_COLOR turns them off", async () => {
  assert.equal(await coloured(true, {}), true);
  assert.equal(await coloured(true, { NO_COLOR: "" }), true);
  assert.equal(await coloured(true, { NO_COLOR: "1" }), false);
  assert.equal(await coloured(true, { TERM: "dumb" }), false);
  assert.equal(await coloured(false, {}), false);
});
