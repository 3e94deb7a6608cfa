import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import type { ActivityView } from "#core/web/views.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

test("admins see what garbage collection would remove, and begin a run that shows in what goes on", async () => {
  await using house = await startGuarded("  rules: []", "", { gc: { grace: 0 } });
  const root = await house.addUser("root-user", { admin: true });
  await house.addUser("alice");
  await house.as(root).pushBlob(freshBytes(5_000), { repo: "team/app" });
  const alice = pageClient(house.url);
  await alice.signIn("alice", "password-of-alice");
  for (const body of [{}, { dry_run: true }])
    assert.equal((await alice.change("POST", "/gc", body)).status, 403);
  const page = pageClient(house.url);
  await page.signIn("root-user", "password-of-root-user");
  assert.equal((await page.change("POST", "/gc", { dry_run: "yes" })).status, 400);
  assert.equal((await page.change("POST", "/gc", {}, { "x-csrf-token": undefined })).status, 403);
  const preview = await page.change("POST", "/gc", { dry_run: true });
  assert.equal(preview.status, 200, preview.text);
  assert.deepEqual(preview.json.reasons, [{ reason: "unused", count: 1, bytes: 5_000 }]);

  const begun = await page.change("POST", "/gc", {});
  assert.equal(begun.status, 204, begun.text);
  for (let i = 0; i < 200; i++) {
    const { runs } = (await page.get("/activity")).json as ActivityView;
    if (runs.some(({ kind, endedAt }) => kind === "gc" && endedAt !== undefined)) break;
    await pause(50);
  }
  const after = await page.change("POST", "/gc", { dry_run: true });
  assert.deepEqual(after.json.reasons, []);
});
