import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebSession } from "#core/metadata/web-sessions.ts";
import type { Open } from "./content.ts";

const session = (hash: string, rest: Partial<WebSession> = {}): WebSession => ({
  hash,
  identity: '{"kind":"account","id":7}',
  csrf: `csrf of ${hash}`,
  createdAt: 1_700_000_000_000,
  seenAt: 1_700_000_000_000,
  expiresAt: 1_700_000_600_000,
  ...rest,
});

export function webSessionContract(open: Open): void {
  test("a session is found by its hash as it was added, until it is ended", async () => {
    await using metadata = await open();
    const { webSessions } = metadata;
    assert.equal(await webSessions.find("a"), undefined);
    await webSessions.add(session("a"));
    await webSessions.add(session("b", { identity: "{}" }));
    assert.deepEqual(await webSessions.find("a"), session("a"));
    assert.deepEqual(await webSessions.find("b"), session("b", { identity: "{}" }));
    assert.equal(await webSessions.end("a"), true);
    assert.equal(await webSessions.end("a"), false);
    assert.equal(await webSessions.find("a"), undefined);
    assert.deepEqual(await webSessions.find("b"), session("b", { identity: "{}" }));
  });

  test("using a session moves its end; one that is gone doesn't come back by it", async () => {
    await using metadata = await open();
    const { webSessions } = metadata;
    await webSessions.add(session("a"));
    await webSessions.seen("a", 1_700_000_100_000, 1_700_000_700_000);
    const later = { seenAt: 1_700_000_100_000, expiresAt: 1_700_000_700_000 };
    assert.deepEqual(await webSessions.find("a"), session("a", later));
    await webSessions.seen("b", 1, 2);
    assert.equal(await webSessions.find("b"), undefined);
  });

  test("expired sessions are found until they are dropped, and only they are", async () => {
    await using metadata = await open();
    const { webSessions } = metadata;
    for (const [hash, expiresAt] of [
      ["a", 100],
      ["b", 200],
      ["c", 300],
    ] as const)
      await webSessions.add(session(hash, { expiresAt }));
    assert.equal((await webSessions.find("a"))?.expiresAt, 100);
    assert.equal(await webSessions.dropExpired(200), 1);
    assert.equal(await webSessions.find("a"), undefined);
    assert.ok(await webSessions.find("b"));
    assert.equal(await webSessions.dropExpired(1_000), 2);
    assert.equal(await webSessions.dropExpired(1_000), 0);
  });

  test("a hash is used once", async () => {
    await using metadata = await open();
    const { webSessions } = metadata;
    await webSessions.add(session("a"));
    await assert.rejects(webSessions.add(session("a", { identity: "other" })));
    assert.deepEqual(await webSessions.find("a"), session("a"));
  });
}
