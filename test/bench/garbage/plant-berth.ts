import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import Database from "better-sqlite3";
import {
  blobAt,
  garbageFrom,
  manifestAt,
  manifestType,
  repositories,
  repositoryOf,
  type GarbagePlan,
} from "./plan.ts";

/** Rows of one transaction, and files written before the signal is looked at. */
const batch = 10_000;
const longAgo = Date.now() - 30 * 86_400_000;

/**
 * Puts the plan's rows and files into the data folder of a Berth that was started there once and stopped. Garbage lies
 * in the repositories, unnamed for a month, as what was pushed and whose manifests were deleted.
 */
export async function plantInBerth(data: string, plan: GarbagePlan, signal: AbortSignal): Promise<void> {
  const blobs = join(data, "storage/blobs/sha256");
  for (let i = 0; i < 256; i++) mkdirSync(join(blobs, i.toString(16).padStart(2, "0")), { recursive: true });
  const db = new Database(join(data, "berth.db"));
  try {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = OFF");
    const repository = db.prepare("INSERT INTO repositories (name, created_at) VALUES (?, ?)");
    for (let i = 0; i < repositories; i++) repository.run(`bench/r${i}`, longAgo);
    const ids = new Map(
      db
        .prepare<[], { id: number; name: string }>("SELECT id, name FROM repositories")
        .all()
        .map(({ id, name }) => [name, id]),
    );
    await plantBlobs(db, blobs, plan, ids, signal);
    await plantManifests(db, plan, ids, signal);
    db.exec("ANALYZE");
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

async function plantBlobs(
  db: Database.Database,
  folder: string,
  plan: GarbagePlan,
  ids: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const add = db.prepare("INSERT INTO blobs (id, digest, size, location, created_at) VALUES (?, ?, ?, ?, ?)");
  const link = db.prepare(
    "INSERT INTO repository_blobs (repository_id, blob_id, linked_at, unreferenced_at) VALUES (?, ?, ?, ?)",
  );
  const garbage = garbageFrom(plan);
  await inBatches(db, plan.blobs, signal, (number) => {
    const { bytes, hex } = blobAt(number);
    const name = `${hex}.bench${String(number).padStart(7, "0")}`;
    const prefix = hex.slice(0, 2);
    writeFileSync(join(folder, prefix, name), bytes, { mode: 0o600 });
    add.run(number + 1, `sha256:${hex}`, bytes.length, `sha256/${prefix}/${name}`, longAgo);
    link.run(
      ids.get(repositoryOf(number)),
      number + 1,
      longAgo,
      number >= garbage ? longAgo + (number % 1000) : null,
    );
  });
}

async function plantManifests(
  db: Database.Database,
  plan: GarbagePlan,
  ids: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const add = db.prepare(
    "INSERT INTO manifests (id, repository_id, digest, media_type, size, pushed_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const keep = db.prepare("INSERT INTO manifest_bytes (manifest_id, bytes) VALUES (?, ?)");
  const name = db.prepare(
    "INSERT INTO manifest_references (repository_id, digest, manifest_id, kind, missing) VALUES (?, ?, ?, 'blob', 0)",
  );
  const tag = db.prepare(
    "INSERT INTO tags (repository_id, name, manifest_id, updated_at) VALUES (?, ?, ?, ?)",
  );
  await inBatches(db, plan.manifests, signal, (number) => {
    const manifest = manifestAt(number);
    const [id, repository] = [number + 1, ids.get(manifest.repository)];
    add.run(id, repository, `sha256:${manifest.hex}`, manifestType, manifest.bytes.length, longAgo);
    keep.run(id, manifest.bytes);
    for (const { hex } of manifest.named) name.run(repository, `sha256:${hex}`, id);
    tag.run(repository, manifest.tag, id, longAgo);
  });
}

async function inBatches(
  db: Database.Database,
  count: number,
  signal: AbortSignal,
  one: (number: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    db.transaction(() => {
      for (let number = from; number < Math.min(count, from + batch); number++) one(number);
    })();
    await nextTurn();
    signal.throwIfAborted();
  }
}
