import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { stringify } from "yaml";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { s3Storage } from "../s3/s3-section.ts";
import { startRgw, withRgw } from "../s3/rgw.ts";
import type { CrashingServer } from "./crashing-server.ts";
import { eventually } from "./eventually.ts";
import { grace, soak } from "./soak/soak.ts";

/** SOAK_MINUTES and SOAK_KILLS make it longer: 10 and 40 are what a release should stand. */
const minutes = Number(process.env.SOAK_MINUTES ?? 0.75);
const kills = Number(process.env.SOAK_KILLS ?? 6);
const main = new URL("../../src/main.ts", import.meta.url).pathname;
const run = promisify(execFile);

/** Names of blobs' files or objects, as far as they are at a place of their own. */
type Stored = () => Promise<string[]>;

/** Where the database says that bytes are which somebody links. */
function linked(data: string): Set<string> {
  const db = new Database(join(data, "berth.db"), { readonly: true });
  try {
    const rows = db
      .prepare<[], { location: string }>(
        "SELECT location FROM blobs b WHERE EXISTS (SELECT 1 FROM repository_blobs l WHERE l.blob_id = b.id)",
      )
      .all();
    return new Set(rows.map(({ location }) => basename(location.split("@")[0] ?? "")));
  } finally {
    db.close();
  }
}

function looseSince(data: string): number {
  const db = new Database(join(data, "berth.db"), { readonly: true });
  try {
    return (
      db
        .prepare<[], number>("SELECT coalesce(min(unreferenced_at), 9e15) FROM repository_blobs")
        .pluck()
        .get() ?? 0
    );
  } finally {
    db.close();
  }
}

/** What the database knows of each. */
function about(data: string, names: readonly string[]): object[] {
  const db = new Database(join(data, "berth.db"), { readonly: true });
  try {
    return names.slice(0, 9).map((name) => ({
      name,
      ...Object.fromEntries(
        ["blobs", "tombstones", "strays"].map((table) => [
          table,
          db.prepare(`SELECT * FROM ${table} WHERE instr(location, ?) > 0`).all(name),
        ]),
      ),
    }));
  } finally {
    db.close();
  }
}

async function findsNoFault(server: CrashingServer, config: Record<string, unknown>): Promise<void> {
  const file = join(server.data, "scrub.yaml");
  await writeFile(file, stringify(config));
  const args = ["--conditions=berth-src", main, "scrub", "--json", "--config", file, "--data", server.data];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 });
  const report = JSON.parse(stdout) as { faults: unknown[]; blobs: number };
  assert.deepEqual(report.faults, []);
  assert.ok(report.blobs > 0, "something was read");
}

async function leavesNoOrphan({ data }: CrashingServer, stored: Stored): Promise<void> {
  const limit = 3 * grace + 120_000;
  // Nothing was changed for a while: what nothing holds has been so for longer than the grace period.
  await eventually("garbage goes", () => Promise.resolve(looseSince(data) > Date.now()), limit);
  let orphans: string[] = [];
  await eventually(
    "what is stored is what is linked",
    async () => {
      const known = linked(data);
      orphans = (await stored()).filter((name) => !known.has(name));
      return orphans.length === 0;
    },
    limit,
  ).catch((cause: unknown) => {
    throw new Error(`nobody has these any more, and they stay: ${JSON.stringify(about(data, orphans))}`, {
      cause,
    });
  });
  const there = new Set(await stored());
  for (const name of linked(data)) assert.ok(there.has(name), `${name} is gone`);
}

const timeout = minutes * 60_000 + 600_000;

// Both at once: most of each is waiting for the readers' time after a burial.
describe("16 clients at work while garbage is collected and servers are killed", { concurrency: 2 }, () => {
  test("blobs on disk", { timeout }, async (context) => {
    const settings = { workers: 2 };
    const done = await soak({ duration: minutes * 60_000, kills, clients: 16, settings }, async (server) => {
      await findsNoFault(server, {});
      await leavesNoOrphan(server, async () => {
        const entries = await readdir(join(server.data, "storage", "blobs"), {
          recursive: true,
          withFileTypes: true,
        });
        return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
      });
    });
    context.diagnostic(JSON.stringify(done));
    assert.ok((done.pushed ?? 0) > 50 && (done.deleted ?? 0) > 0, JSON.stringify(done));
  });

  test("blobs on S3", { timeout, ...withRgw }, async (context) => {
    await using rgw = await startRgw();
    const bucket = await rgw.bucket();
    // Links that end with the least wait of the collector, so that it isn't them that are waited for in the end.
    const storage = s3Storage(rgw, bucket, { expiry: "30s" });
    const settings = { workers: 1, storage };
    const done = await soak({ duration: minutes * 60_000, kills, clients: 16, settings }, async (server) => {
      await findsNoFault(server, { storage });
      await leavesNoOrphan(server, async () => {
        const names: string[] = [];
        for (let token: string | undefined; ;) {
          const page = await rgw.client.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: "registry/", ContinuationToken: token }),
          );
          for (const { Key } of page.Contents ?? [])
            if (Key?.includes("/blobs/") === true) names.push(basename(Key));
          token = page.NextContinuationToken;
          if (token === undefined) return names;
        }
      });
    });
    context.diagnostic(JSON.stringify(done));
    assert.ok((done.pushed ?? 0) > 20, JSON.stringify(done));
  });
});
