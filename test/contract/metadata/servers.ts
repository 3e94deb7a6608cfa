import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { ServerReport } from "#core/metadata/servers.ts";
import type { Open } from "./content.ts";

const long = 60_000;

function server(id: string, rest: Partial<ServerReport> = {}): ServerReport {
  return { id, name: `${id} http://127.0.0.1:5000`, rules: { policy: "p1", limits: "l1" }, ...rest };
}

export function serverContract(open: Open): void {
  test("each learns of the others, not of itself", async () => {
    await using metadata = await open();
    const { servers } = metadata;
    assert.deepEqual(await servers.report(server("a"), long), []);
    assert.deepEqual(await servers.report(server("b"), long), [server("a")]);
    assert.deepEqual(await servers.report(server("c"), long), [server("a"), server("b")]);
    assert.deepEqual(await servers.report(server("a"), long), [server("b"), server("c")]);
  });

  test("what a server says replaces what it said before", async () => {
    await using metadata = await open();
    const { servers } = metadata;
    await servers.report(server("a", { rules: { policy: "old", gone: "x" } }), long);
    const now = server("a", { name: "moved", rules: { policy: "new" } });
    await servers.report(now, long);
    assert.deepEqual(await servers.report(server("b"), long), [now]);
  });

  test("one that leaves is forgotten; leaving twice is fine", async () => {
    await using metadata = await open();
    const { servers } = metadata;
    await servers.report(server("a"), long);
    await servers.leave("a");
    await servers.leave("a");
    assert.deepEqual(await servers.report(server("b"), long), []);
    await servers.report(server("a"), long);
    assert.deepEqual(await servers.report(server("b"), long), [server("a")]);
  });

  test("one that is silent for too long is forgotten, by all", async () => {
    await using metadata = await open();
    const { servers } = metadata;
    await servers.report(server("silent"), long);
    let others: ServerReport[] = [server("silent")];
    for (let i = 0; i < 500 && others.length > 0; i++) {
      await pause(10);
      others = await servers.report(server("b"), 30);
    }
    assert.deepEqual(others, []);
    assert.deepEqual(await servers.report(server("c"), long), [server("b")]);
  });

  test("many that speak at once are all heard", async () => {
    await using metadata = await open();
    const { servers } = metadata;
    const all = Array.from({ length: 12 }, (_, i) => server(`s${String(i).padStart(2, "0")}`));
    for (let round = 0; round < 3; round++) await Promise.all(all.map((each) => servers.report(each, long)));
    assert.deepEqual(await servers.report(server("z"), long), all);
  });
}
