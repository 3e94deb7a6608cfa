import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { MetadataShelf } from "#core/metadata-shelf.ts";
import { snapshotName } from "#core/snapshot-name.ts";
import { freshBytes } from "../harness/registry-content.ts";

export interface OpenedShelf {
  shelf: MetadataShelf;
  /** Puts something else where snapshots lie, under this name. */
  litter(name: string): Promise<void>;
  close(): Promise<void>;
}

const day = 86_400_000;
const { signal } = new AbortController();

/** What every implementation of core/metadata-shelf.ts promises. `open` gives an empty one. */
export function metadataShelfContract(name: string, open: () => Promise<OpenedShelf>): void {
  async function opened() {
    const parts = await open();
    const folder = await mkdtemp(join(tmpdir(), "berth-shelf-"));
    return {
      ...parts,
      path: (of: string) => join(folder, of),
      async [Symbol.asyncDispose]() {
        await parts.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }

  test(`${name}: what was put is listed, newest last, and fetched as it was`, async () => {
    await using at = await opened();
    const { shelf, path } = at;
    assert.deepEqual(await shelf.list(), []);
    const sizes = { [snapshotName(3 * day, "schedule")]: 9_000_000, [snapshotName(day, "upgrade")]: 10 };
    for (const [one, size] of Object.entries(sizes)) {
      await writeFile(path(one), freshBytes(size));
      await shelf.put(one, path(one), signal);
    }
    const names = Object.keys(sizes).sort();
    assert.deepEqual(
      await shelf.list(),
      names.map((one) => ({ name: one, size: sizes[one] })),
    );
    for (const one of names) {
      await shelf.fetch(one, path(`${one}.again`), signal);
      assert.deepEqual(await readFile(path(`${one}.again`)), await readFile(path(one)));
      assert.equal((await stat(path(`${one}.again`))).mode & 0o777, 0o600);
    }
    await assert.rejects(
      shelf.fetch(names[0] ?? "", path(`${names[0]}.again`), signal),
      "a file that is there",
    );
  });

  test(`${name}: one of the same name is replaced, one that is removed is gone`, async () => {
    await using at = await opened();
    const { shelf, path } = at;
    const one = snapshotName(day, "schedule");
    for (const text of ["first", "second, and longer"]) {
      await writeFile(path("x"), text);
      await shelf.put(one, path("x"), signal);
    }
    assert.deepEqual(await shelf.list(), [{ name: one, size: 18 }]);
    await shelf.remove(one);
    await shelf.remove(one);
    assert.deepEqual(await shelf.list(), []);
    const { code, message } = (await shelf
      .fetch(one, path("y"), signal)
      .catch((error: unknown) => error)) as Error & {
      code: string;
    };
    assert.deepEqual([code, message.includes("isn't there")], ["storage-failed", true]);
  });

  test(`${name}: what isn't a snapshot is neither listed nor touched`, async () => {
    await using at = await opened();
    const { shelf, litter, path } = at;
    await litter("notes.txt");
    await litter("metadata-yesterday.db.gz");
    assert.deepEqual(await shelf.list(), []);
    await writeFile(path("x"), "x");
    for (const bad of ["../x", "notes.txt", "metadata-yesterday.db.gz", ""]) {
      await assert.rejects(async () => shelf.put(bad, path("x"), signal), /is not the name of a snapshot/);
      await assert.rejects(async () => shelf.remove(bad), /is not the name of a snapshot/);
      await assert.rejects(async () => shelf.fetch(bad, path("z"), signal), /is not the name of a snapshot/);
    }
  });

  test(`${name}: a put that is ended leaves nothing`, async () => {
    await using at = await opened();
    const { shelf, path } = at;
    await writeFile(path("x"), freshBytes(9_000_000));
    const reason = new Error("enough");
    await assert.rejects(
      async () => shelf.put(snapshotName(day, "schedule"), path("x"), AbortSignal.abort(reason)),
      reason,
    );
    assert.deepEqual(await shelf.list(), []);
  });
}
