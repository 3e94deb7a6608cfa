import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { crashingServer } from "../crashing-server.ts";
import { createPool } from "./layers.ts";
import { createSoakClient, type SoakClient } from "./client.ts";

export interface SoakOptions {
  /** ms that clients are at work. */
  duration: number;
  kills: number;
  clients: number;
  /** What the server is started with, beside what makes it clean up all the time. */
  settings: Record<string, unknown>;
}

/** ms that a thing stays which nothing holds: longer than a push takes with a kill in between. */
export const grace = 12_000;

const tidy = {
  gc: { every: "5s", grace: `${grace}ms`, untagged: [{ repositories: "**", after: `${grace}ms` }] },
  retention: { undo: "1s" },
  uploads: { expire_after: "15s", purge_interval: "5s" },
};

/**
 * Clients push, pull, mount, delete and retag at random while the server cleans up and is killed again and again. Then
 * all that was acknowledged is read back. The server is left running for `after`.
 */
export async function soak(
  { duration, kills, clients: count, settings }: SoakOptions,
  after: (server: Awaited<ReturnType<typeof crashingServer>>) => Promise<void>,
): Promise<Record<string, number>> {
  await using server = await crashingServer({ ...tidy, log: { access: false }, ...settings });
  const pool = createPool();
  const clients = Array.from({ length: count }, (_, number) => createSoakClient(number, pool));
  let over = false;
  let up = Promise.resolve();

  async function work(one: SoakClient): Promise<void> {
    while (!over) {
      await up;
      try {
        await one.step(server.client);
      } catch (error) {
        // Only a broken connection is forgiven.
        if (error instanceof assert.AssertionError) throw error;
        await sleep(20);
      }
    }
  }

  const working = Promise.all(clients.map(work));
  working.catch(() => (over = true));
  for (let kill = 0; kill < kills && !over; kill++) {
    await Promise.race([sleep(duration / (kills + 1)), working.catch(() => undefined)]);
    const { promise, resolve } = Promise.withResolvers<void>();
    up = promise;
    try {
      await server.crash();
    } finally {
      resolve();
    }
  }
  await Promise.race([sleep(duration / (kills + 1)), working.catch(() => undefined)]);
  over = true;
  await working;
  const sum: Record<string, number> = { tags: 0, blobs: 0 };
  for (const one of clients) {
    const found = await one.check(server.client);
    sum.tags = (sum.tags ?? 0) + found.tags;
    sum.blobs = (sum.blobs ?? 0) + found.blobs;
    for (const [what, times] of Object.entries(one.done)) sum[what] = (sum[what] ?? 0) + times;
  }
  await after(server);
  return sum;
}
