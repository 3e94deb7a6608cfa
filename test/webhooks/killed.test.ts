import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { spawnBerth } from "../harness/process.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { startTarget, until, type Behaviour } from "./target.ts";

for (const workers of [1, 2])
  test(`a server of ${workers} killed again and again: every event arrives, at least once and in order`, async () => {
    // Some are taken at once, some hang, some are answered late, with a fault or not at all.
    let count = 0;
    const moody: Behaviour = (answer) => {
      const mood = count++ % 8;
      if (mood === 0) answer.writeHead(500).end();
      else if (mood === 4) answer.socket?.resetAndDestroy();
      else if (mood === 2) setTimeout(() => answer.writeHead(200).end(), 100).unref();
      else answer.writeHead(200).end();
    };
    await using target = await startTarget(moody);
    const data = await mkdtemp(join(tmpdir(), "berth-killed-"));
    const webhook = { name: "ci", url: target.url, batch: 5, timeout: "2s" };
    const config = { workers, notifications: { webhooks: [webhook] } };
    const pushed: string[] = [];
    try {
      for (let round = 0; round < 4; round++) {
        const berth = await spawnBerth({ data, config });
        const client = registryClient(berth.url);
        for (let i = 0; i < 3; i++) {
          const tag = `r${round}-${i}`;
          await client.push("team/app", oci.image({ layers: [Buffer.from(tag)] }), tag);
          pushed.push(tag);
        }
        await pause(round * 150);
        await berth.kill("SIGKILL");
        await berth.stop();
      }
      await using berth = await spawnBerth({ data, config });
      const arrived = () =>
        target
          .events()
          .flatMap(({ action, target: of }) => (action === "push" && of["tag"] ? [of["tag"]] : []));
      await until(() => pushed.every((tag) => arrived().includes(tag)), berth.logs());
      // By their first arrival; what came again came with what was before it.
      assert.deepEqual([...new Set(arrived())], pushed);
      const ids = target.events().map(({ id }) => Number(id.split(".")[0]));
      const unique = [...new Set(ids)];
      assert.deepEqual(
        unique,
        unique.toSorted((a, b) => a - b),
      );
      const layers = target
        .events()
        .filter(({ target: of }) => of["mediaType"] === "application/octet-stream");
      assert.ok(layers.length >= pushed.length);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
