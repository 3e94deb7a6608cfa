import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { alone } from "#app/servers/upkeep-lease.ts";
import { scheduleScrub } from "#app/house/scrub-schedule.ts";
import { createSettings } from "#app/settings.ts";
import { openMetadata } from "#app/open/open-metadata.ts";
import { openStore } from "#app/open/open-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { startBerth, type PartialConfig } from "../harness/berth.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { flipByte } from "./scrubbed.ts";

const times = { look: 10, first: 0, retry: 50, settle: 10 };
const off: PartialConfig = { scrub: { enabled: false } };

/** A stopped server's folder with so many images, and the parts that scrub it. */
async function filled(images: number) {
  const server = await startBerth(off);
  const layers: string[] = [];
  for (let i = 0; i < images; i++) {
    const content = oci.image({ layers: [freshBytes(100_000)] });
    await registryClient(server.url).push("app", content, `v${i}`);
    layers.push(content.blobs[1]?.digest ?? "");
  }
  return { server, layers };
}

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await is()) return;
    await pause(20);
  }
  assert.fail(`never: ${what}`);
}

const runOf = async ({ housekeeping }: Pick<Metadata, "housekeeping">) =>
  (await housekeeping.runs()).find(({ kind }) => kind === "scrub");

function logged() {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  return { log, lines };
}

test("a round goes on where it was after a restart, names damage in the log, and ends", async () => {
  const { server, layers } = await filled(6);
  await using running = server;
  const damaged = layers[3] ?? "";
  await flipByte(running.data, damaged);
  const config = defaultConfig(`${running.data}/other`, `data: ${running.data}`);
  // So slow that a round takes some seconds.
  const slow = createSettings({ ...config, scrub: { ...config.scrub, bytes_per_second: 400_000 } });
  await using metadata = await sideways(running.data);
  const store = await openStore(config, undefined);
  const { log, lines } = logged();
  let positions = 0;
  {
    await using _first = scheduleScrub(slow, metadata, store, alone, log, times);
    await until("a position", async () => (await runOf(metadata))?.progress["at"] !== undefined);
    await until("a digest", async () =>
      String((await runOf(metadata))?.progress["at"]).startsWith("sha256:"),
    );
    positions++;
  }
  const stopped = await runOf(metadata);
  assert.equal(stopped?.endedAt, undefined);
  assert.equal(positions, 1);
  {
    await using _second = scheduleScrub(createSettings(config), metadata, store, alone, log, times);
    await until("the end", async () => (await runOf(metadata))?.endedAt !== undefined);
  }
  const ended = await runOf(metadata);
  assert.equal(ended?.startedAt, stopped?.startedAt, "the same round");
  assert.equal(ended?.fault, undefined);
  assert.equal((await metadata.housekeeping.damage(10)).map(({ digest }) => digest).join(), damaged);
  assert.ok(
    lines.some(({ msg, level }) => level === 40 && msg.includes(`found that blob ${damaged} has other`)),
  );
  assert.ok(Number(ended?.progress["blobs"]) >= 12, "all blobs are counted, some twice");
});

test("it rests while the command runs, and known damage is forgotten once it is healed", async () => {
  const { server, layers } = await filled(2);
  await using running = server;
  const config = defaultConfig(`${running.data}/other`, `data: ${running.data}`);
  await using metadata = await sideways(running.data);
  const store = await openStore(config, undefined);
  const { leases, housekeeping } = metadata;
  const lease = await leases.take("scrub", "somebody", 60_000);
  const damage = {
    digest: layers[0] as never,
    kind: "blob",
    repository: undefined,
    why: "x",
    foundAt: 1,
  } as const;
  await housekeeping.found([damage]);
  await using _running = scheduleScrub(createSettings(config), metadata, store, alone, logged().log, times);
  await until("settled", async () => (await housekeeping.damage(1)).length === 0);
  await pause(100);
  assert.equal(await runOf(metadata), undefined);
  assert.ok(lease);
  await leases.release(lease);
  await until("the round", async () => (await runOf(metadata))?.endedAt !== undefined);
  const { startedAt } = (await runOf(metadata)) ?? {};
  await pause(100);
  assert.equal((await runOf(metadata))?.startedAt, startedAt, "the next one is due in 30 days");
});

/** Metadata of its own connections to a database that a server of this test has, too. */
async function sideways(data: string): Promise<Metadata> {
  return openMetadata(defaultConfig(data));
}
