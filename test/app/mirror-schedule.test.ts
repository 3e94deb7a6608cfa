import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { scheduleMirrors, type MirrorScheduleParts } from "#app/mirror-schedule.ts";
import { alone } from "#app/servers/upkeep-lease.ts";
import { mirrorLeases } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Fill } from "#pull-through/fill.ts";
import { oci } from "../harness/registry-content.ts";
import { fillOverRegistry } from "../pull-through/fill-over-registry.ts";
import { mirrorOf, openMirrors } from "../pull-through/mirror-places.ts";
import { app } from "../pull-through/warm-wanted.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";

const every = 10;

function schedule(metadata: Metadata, fill: Fill, over: Partial<MirrorScheduleParts> = {}) {
  const opened = { now: 0, ever: 0 };
  const openFill = async () => {
    opened.now++;
    opened.ever++;
    return { fill, [Symbol.asyncDispose]: async () => void opened.now-- };
  };
  const log = pino({ level: "silent" });
  const running = scheduleMirrors({
    metadata,
    openFill,
    clock: () => 1_000,
    upkeep: alone,
    log,
    every,
    ...over,
  });
  return { opened, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, "it never came to that");
    await pause(5);
  }
}

test("what is due is synced, one after the other, and nothing else", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const { cached } = place.metadata;
  const names = [app, "up.test/library/other", "up.test/library/later"] as (typeof app)[];
  for (const name of names) upstream.add(name.slice("up.test/".length), oci.image(), "v1");
  const later = mirrorOf({ name: names[2] as typeof app, syncedAt: 999 });
  await cached.putMirror(later);
  let most = 0;
  {
    await using running = schedule(place.metadata, fillOverRegistry(upstream.url));
    for (const name of names.slice(0, 2)) await cached.putMirror(mirrorOf({ name }));
    await until(async () => {
      most = Math.max(most, running.opened.now);
      return (await cached.mirrors()).every(({ syncedAt }) => syncedAt !== undefined);
    });
    assert.deepEqual([most, running.opened.ever], [1, 2]);
  }
  assert.deepEqual((await cached.mirrors()).map(({ syncedAt }) => syncedAt).sort(), [1_000, 1_000, 999]);
  assert.equal(upstream.requests.filter(({ path }) => path.includes("later")).length, 0);
});

test("one that fails is tried again when its time has come, not before", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const { cached } = place.metadata;
  await cached.putMirror(mirrorOf({ tags: ["v1"] }));
  let now = 1_000;
  await using _ = schedule(place.metadata, fillOverRegistry(upstream.url), { clock: () => now });
  const recorded = async () => (await cached.mirrors())[0];
  await until(async () => (await recorded())?.fault !== undefined);
  const asked = upstream.count("manifest");
  upstream.add("library/app", oci.image(), "v1");
  now += 9 * 60_000;
  await pause(5 * every);
  assert.equal(upstream.count("manifest"), asked);
  now += 2 * 60_000 + 1;
  await until(async () => (await recorded())?.fault === undefined);
});

test("one that another process is at is left to it", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const { cached, leases } = place.metadata;
  upstream.add("library/app", oci.image(), "v1");
  const lease = await leases.take(mirrorLeases + app, "another", 60_000);
  assert.ok(lease);
  await cached.putMirror(mirrorOf());
  await using running = schedule(place.metadata, fillOverRegistry(upstream.url));
  await pause(5 * every);
  assert.equal(running.opened.ever, 0);
  await leases.release(lease);
  await until(async () => (await cached.mirrors())[0]?.syncedAt !== undefined);
});

test("it ends within a second, whatever the upstream does, and gives the lease back", async () => {
  await using upstream = await startFaultyUpstream();
  await using place = await openMirrors();
  const { cached, leases } = place.metadata;
  upstream.add("library/app", oci.image(), "v1");
  upstream.harm("blob", "silence");
  await cached.putMirror(mirrorOf());
  const running = schedule(place.metadata, fillOverRegistry(upstream.url));
  await until(() => upstream.count("blob") > 0);
  const began = performance.now();
  await running[Symbol.asyncDispose]();
  assert.ok(performance.now() - began < 1_000);
  assert.deepEqual(await leases.held(mirrorLeases), []);
  assert.deepEqual(await cached.mirrors(), [mirrorOf()]);
});

test("a server without the turn leaves mirrors alone", async () => {
  await using place = await openMirrors();
  await place.metadata.cached.putMirror(mirrorOf());
  const upkeep = { mine: () => false, whenMine: () => ({ [Symbol.dispose]: () => undefined }) };
  await using running = schedule(place.metadata, fillOverRegistry("http://127.0.0.1:9"), { upkeep });
  await pause(5 * every);
  assert.equal(running.opened.ever, 0);
});
