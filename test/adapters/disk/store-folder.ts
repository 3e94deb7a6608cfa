import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { AppError, type ErrorCode } from "#core/errors.ts";

/** A fresh store in a folder that goes away after the test. */
export async function freshStore(t: TestContext) {
  const folder = await temporaryFolder(t);
  const path = join(folder, "store");
  return { path, store: await createDiskStore({ path }) };
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-disk-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Why a test with a file system of its own can't run, or false. */
export const mountless: string | false = process.getuid?.() === 0 ? false : "needs root, to mount a tmpfs";

/** Mounts a tmpfs and runs `use` on it; skips the test where mounting isn't allowed even for root. */
export async function onTmpfs(t: TestContext, options: string, use: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "berth-tmpfs-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    await rm(folder, { recursive: true });
    t.skip(`this machine refuses to mount a tmpfs: ${String(error)}`);
    return;
  }
  try {
    await use(folder);
  } finally {
    execFileSync("umount", [folder]);
    await rm(folder, { recursive: true });
  }
}

/** Paths of all files below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

export async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code, String(error.cause));
    return error;
  }
  assert.fail(`expected ${code}`);
}

export async function* bodyOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

export function errno(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made to fail by a test`), { code });
}

/** Lets the event loop go on until `done` says so, for 20 seconds at the most. */
export async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 20_000; i++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.fail("what was waited for never happened");
}

/** Gives whatever is ready to run some turns of the event loop to show itself. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}
