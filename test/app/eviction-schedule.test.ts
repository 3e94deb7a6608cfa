import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import pino from "pino";
import { scheduleEviction } from "#app/house/eviction-schedule.ts";
import { alone, type Upkeep } from "#app/servers/upkeep-lease.ts";
import type { Config } from "#config/config.ts";
import { live } from "#core/live.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { cached, hour, openCache, size } from "../pull-through/cache-room.ts";

const busybox = cached("docker.io/library/busybox");

const limited = "cache: { max_bytes: 1500, high_water: 100, low_water: 70 }";

/** What these lines and an upstream `docker.io` are as a configuration. */
function configOf(lines: string, rest = ""): Config {
  return defaultConfig(
    "/nowhere",
    `upstreams: [{ name: docker.io, url: "https://registry.example.org"${rest} }]\n${lines}`,
  );
}

/** Two blobs in the cache, one more than the limit, and the schedule's way to say what it did. */
async function open(t: TestContext) {
  const room = await openCache(t);
  await room.blob(busybox, "a");
  await room.blob(busybox, "b");
  const config = live(configOf(""));
  const lines: Record<string, unknown>[] = [];
  const said = new EventTarget();
  const log = pino(
    { base: null, timestamp: false },
    {
      write(line: string) {
        lines.push(JSON.parse(line) as Record<string, unknown>);
        said.dispatchEvent(new Event("line"));
      },
    },
  );
  /** Resolves with the next line. */
  const line = () =>
    new Promise<Record<string, unknown> | undefined>((resolve) =>
      said.addEventListener("line", () => resolve(lines.at(-1)), { once: true }),
    );
  const metadata = { ...room.metadata, now: () => room.now };
  const start = (upkeep: Upkeep, parts: Partial<typeof metadata> = {}) =>
    scheduleEviction({ config }, { ...metadata, ...parts }, upkeep, log);
  return { room, config, lines, line, start };
}

test("a new configuration is looked at as soon as it is told", async (t) => {
  const { room, config, lines, line, start } = await open(t);
  room.now += hour;
  await using eviction = start(alone);
  config.swap(configOf(limited));
  const said = line();
  eviction.now();
  assert.deepEqual(await said, {
    level: 30,
    bytes: size,
    pieces: 1,
    msg: "evicted from the cache",
  });
  assert.equal(lines.length, 1);
  assert.equal((await room.has(busybox, "a", "b")).length, 1);
});

test("whose turn it isn't evicts nothing", async (t) => {
  const { room, config, lines, start } = await open(t);
  config.swap(configOf(limited));
  room.now += hour;
  {
    await using eviction = start({ mine: () => false, whenMine: alone.whenMine.bind(alone) });
    eviction.now();
  }
  assert.equal((await room.has(busybox, "a", "b")).length, 2);
  assert.deepEqual(lines, []);
});

test("a limit that can't be kept is logged with the upstream's name and what to do", async (t) => {
  const { room, config, lines, line, start } = await open(t);
  config.swap(configOf("", ', max_bytes: 1500, pinned: ["**"]'));
  room.now += hour;
  await using eviction = start(alone);
  const said = line();
  const again = setInterval(() => {
    room.now += hour;
    eviction.now();
  }, 10);
  const told = await said;
  clearInterval(again);
  assert.equal(told?.upstream, "docker.io");
  assert.match(
    String(told?.msg),
    /docker\.io has 2000 bytes.* is 1500, .*pinned.*; raise max_bytes of the upstream docker\.io, or pin less/,
  );
  assert.equal(lines.length, 1);
});

test("what fails is logged once, and doesn't end it", async (t) => {
  const { room, config, lines, line, start } = await open(t);
  config.swap(configOf(limited));
  room.now += hour;
  let away = true;
  const usage = () => (away ? Promise.reject(new Error("database away")) : room.content.usage());
  const failed = line();
  await using eviction = start(alone, { cached: { ...room.content, usage } });
  assert.match(JSON.stringify(await failed), /database away/);
  away = false;
  const worked = line();
  eviction.now();
  const again = setInterval(() => eviction.now(), 10);
  assert.equal((await worked)?.pieces, 1);
  clearInterval(again);
  assert.equal(lines.length, 2);
});
